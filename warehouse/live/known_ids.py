"""Whether the lake may know the ids of events, by its own index of ids. Reads no event of it."""

import duckdb
import numpy as np

from etl.arrow_numbers import as_numbers
from etl.lake import LakeState
from etl.lake.id_index import KEY_SQL, IdIndex, days_known, hash_version

_KEY = KEY_SQL.format(id="event_id", time="event_time")


class KnownIds:
    """The ids of all events of the lake, as of a state of it."""

    def __init__(self, con: duckdb.DuckDBPyConnection, state: LakeState) -> None:
        self.con, self.state = con, state
        self.version = hash_version(con)
        self.indexes: dict[str, IdIndex] = {}

    def may_have_some_of(self, table: str) -> bool:
        """Whether some event of a table may be in the lake. Where it is not, none is."""
        keys = f"select source, {_KEY} as key from {table} order by source, key"  # noqa: S608
        rows = self.con.sql(keys).to_arrow_table()
        sources = np.array(rows["source"].to_pylist(), dtype=object)
        numbers = as_numbers(rows["key"])
        return any(self._knows(source, numbers[sources == source]) for source in set(sources))

    def _knows(self, source: str, keys: object) -> bool:
        index = self.indexes.get(source)
        if index is None:
            index = self.indexes[source] = IdIndex(self.state, source, self.version)
        return not index.is_whole or bool(len(days_known(index.runs, keys)[0]))
