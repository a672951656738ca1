"""Rows of a database's table without what is never stored, before anything of them is landed.

They are cut by what cuts a load's rows, which finds nothing more in them: what a load would make a
property is cut as one, the user's column becomes pseudonyms. Times and watermarks stay.
"""

from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

import msgspec
import polars as pl
import pyarrow as pa

from etl.config.sources import Source, TableEvent
from etl.normalise.no_ids import BLANKS, ZEROS
from etl.privacy.redactor import Redactor

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_SAID = ("hash", "length")


class RowCutter:
    """Cuts the rows of one table.

    schema   of the rows once they are cut: what is dropped has no column there
    """

    def __init__(
        self,
        redactor: Redactor,
        source: Source,
        events: Sequence[TableEvent],
        key: str | None,
        schema: pa.Schema,
    ) -> None:
        self._redactor = redactor
        self._words = {word.lower() for word in source.empty_words} | {"", *ZEROS}
        # They are no events, and are known by their names in dwell.toml.
        self._spared = frozenset(source.exclude_users)
        users = dict.fromkeys((event.user for event in events), "user_id")
        keys = [event.id or key for event in events]
        self._ids = dict.fromkeys((one for one in keys if one), "event_id") | users
        stays = {column for event in events for column in (event.time, event.when) if column}
        stays -= self._ids.keys()
        self._actions = {
            name: action
            for name in schema.names
            if name not in self._ids
            and name not in stays
            and (action := redactor.action_of(name)) is not None
        }
        self._texts = [
            field.name
            for field in schema
            if field.name not in self._ids
            and field.name not in stays
            and (pa.types.is_string(field.type) or field.name in self._actions)
        ]
        looked = {*self._ids, *stays, *self._texts}
        self._numbers = [f.name for f in schema if f.name not in looked]
        self.schema = pa.schema([field for one in schema for field in self._fields(one)])
        if any(action == "length" for action in self._actions.values()) and redactor.tells_length:
            self.schema = _with(self.schema, pa.field("length", pa.int64()))

    def _fields(self, field: pa.Field) -> list[pa.Field]:
        """What a column is once it is cut."""
        if field.name in self._ids:
            is_kept = not self._redactor.may_call(self._ids[field.name])
            return [field if is_kept else pa.field(field.name, pa.string())]
        action = self._actions.get(field.name)
        if action is None:
            return [field]
        if action == "pseudonym":
            return [pa.field(field.name, pa.string())]
        if action not in _SAID:
            return []
        kind = pa.int64() if action == "length" else pa.string()
        return [pa.field(f"{field.name}_{action}", kind)]

    def cut(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows by `schema`. SourceError where an id is personal and there is no key."""
        columns = {name: rows.column(name) for name in rows.schema.names}
        for name, column in self._ids.items():
            if name in columns:
                columns[name] = self._called(column, columns[name])
        for name in self._numbers:
            columns[name] = self._number(columns[name])
        columns |= self._as_properties(rows)
        none = pa.nulls(rows.num_rows)
        arrays = [columns.get(f.name, none).cast(f.type) for f in self.schema]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _called(self, column: str, ids: pa.Array) -> pa.Array:
        """A column of ids by what stands for them; who is left out, or no id, as it is."""
        coded = ids.cast(pa.string()).dictionary_encode()
        known = coded.dictionary.to_pylist()
        spelt = [normalize("NFC", one).strip(BLANKS) for one in known]
        is_user = column == "user_id"
        are_ids = [
            one.lower() not in self._words and not (is_user and one in self._spared)
            for one in spelt
        ]
        real = [one for one, is_id in zip(spelt, are_ids, strict=True) if is_id]
        made = self._redactor.ids(column, real)
        words = [
            made.get(one, before) if is_id else before
            for before, one, is_id in zip(known, spelt, are_ids, strict=True)
        ]
        texts = pa.array(words, pa.string())
        return pa.DictionaryArray.from_arrays(coded.indices, texts).cast(pa.string())

    def _number(self, column: pa.Array) -> pa.Array:
        """A column of another type, without the values in which something is found."""
        texts = pl.Series(column.cast(pa.string()))
        after = self._redactor.texts(texts)
        if after is texts:
            return column
        is_found = (texts != after).fill_null(value=False).to_arrow()
        return pa.compute.if_else(is_found, pa.scalar(None, column.type), column)

    def _as_properties(self, rows: pa.RecordBatch) -> dict[str, pa.Array]:
        """The columns that a load makes properties, cut as such."""
        if not self._texts:
            return {}
        frame = pl.DataFrame({name: pl.Series(rows.column(name)) for name in self._texts})
        before = frame.select(pl.struct(pl.all()).struct.json_encode()).to_series()
        after = self._redactor.properties(before)
        if after is before or after.equals(before, null_equal=True):
            return {}
        cut = [_decode(text) if text else {} for text in after.to_list()]
        known = rows.schema.names
        names = [n for n in self.schema.names if n in self._texts or n not in known]
        return {name: _texts([row.get(name) for row in cut]) for name in names}


def _texts(values: list[Any]) -> pa.Array:
    said = [None if value is None else _text(value) for value in values]
    return pa.array(said, pa.string())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _with(schema: pa.Schema, field: pa.Field) -> pa.Schema:
    return schema if field.name in schema.names else schema.append(field)
