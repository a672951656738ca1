"""Rows of a database's table without those of people who are not to be there.

Ids are compared as a load spells them: without blanks around them, a whole number without a
fraction.
"""

from collections.abc import Callable, Collection, Iterator
from unicodedata import normalize

import pyarrow as pa

from etl.lake.spellings import spelt
from etl.normalise.no_ids import BLANKS


def spellings_of(text: str) -> Collection[str]:
    """What a load may call an id that a column has as this text, where numbers are texts or not."""
    return dict.fromkeys((normalize("NFC", text).strip(BLANKS), spelt(text)))


def ids_in(column: pa.Array) -> Iterator[str]:
    """The ids of a column of any type that can be a text, each as a load may spell it."""
    coded = column.cast(pa.string()).dictionary_encode()
    for text in coded.dictionary.to_pylist():
        yield from spellings_of(text)


class LeftOut:
    """Takes people out of the rows of a table.

    users    the columns that rows have their users in; others are of whom the row is of
    is_gone  whether an id is of somebody who is not to be there
    """

    def __init__(self, users: Collection[str], is_gone: Callable[[str], bool]) -> None:
        self._users = users
        self._is_gone = is_gone

    def of(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows without those whose users are all gone. Of a row with several users it is what
        the others have of it: who is gone is null in it.
        """
        import pyarrow.compute as pc

        names = [name for name in rows.schema.names if name in self._users]
        met = {name: self._met(rows.column(name)) for name in names}
        met = {name: found for name, found in met.items() if pc.any(found).as_py()}
        if not met:
            return rows
        is_anybody = pa.array([False] * rows.num_rows)
        for name in names:
            there = pc.is_valid(rows.column(name))
            if name in met:
                there = pc.and_not(there, met[name])
            is_anybody = pc.or_(is_anybody, there)
        is_hers = pa.array([False] * rows.num_rows)
        for name, found in met.items():
            is_hers = pc.or_(is_hers, found)
            kind = rows.schema.field(name).type
            column = pc.if_else(found, pa.scalar(None, kind), rows.column(name))
            place = rows.schema.get_field_index(name)
            rows = rows.set_column(place, rows.schema.field(name), column)
        return rows.filter(pc.or_(is_anybody, pc.invert(is_hers)))

    def _met(self, column: pa.Array) -> pa.Array:
        """Which of the values are ids of people who are gone."""
        import pyarrow.compute as pc

        coded = column.cast(pa.string()).dictionary_encode()
        texts = coded.dictionary.to_pylist()
        gone = pa.array([any(map(self._is_gone, spellings_of(text))) for text in texts], pa.bool_())
        return pc.fill_null(pc.take(gone, coded.indices), False)
