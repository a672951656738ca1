"""Which rows are new: each event id counts once in a source, and the first received stays.

Ids are compared by the keys of etl/lake/id_index.py; where two may be the same, by the ids
themselves, which are read from the files of their days alone.
"""

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.arrow_numbers import as_array, as_numbers
from etl.duck import sql_beside
from etl.lake.event_writer import EventWriter
from etl.lake.id_index import KEY_SQL, IdIndex, day_number, days_known
from etl.lake.records import LakeFile

# Rules, by the folder of their SQL → the table of what the file's rows said before.
_SEEN = {"sql": "seen_descriptions", "sql_1": "seen_descriptions_1"}
# What described_rows.sql reads that a chunk may be without.
_DESCRIBING = ("referrer", "tracker_session_id", "chat_id", "query_type")


class NewEvents:
    """The rows of one transaction that are new events, chunk by chunk, against each other and
    the source's earlier ones.

    earlier  the files of those, and where they lie
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        index: IdIndex,
        events: EventWriter,
        earlier: Sequence[tuple[Path, LakeFile]],
    ) -> None:
        self.con = con
        self.index = index
        self.events = events
        self.earlier = earlier
        # Keys of the chunks so far, in few arrays, each sorted.
        self.keys: list[Any] = []
        for table in _SEEN.values():
            con.execute(
                f"create or replace temp table {table} (file bigint, description uuid, rows bigint)"
            )

    def of(self, rows: Any, accepted: int, given: int, by_rules_1: Any = None) -> Any:
        """The rows that are new events, with their event_id; columns as typed_rows.sql yields.

        `rows` is registered as typed_rows; so many of them were accepted, and came with an id.
        `by_rules_1`: the same rows as older rules have them, where the source has some of these.
        """
        had_id = rows["given_id"].is_valid()
        if given < accepted:
            rows = self._with_ids(rows)
        numbered = _numbered(rows)
        keys, numbers = self._keys(numbered)
        duplicates = self._duplicates(keys, numbers)
        if by_rules_1 is not None:
            # An id that says nothing was one by rules 1: it tells no event from another.
            alike = pc.equal(had_id, by_rules_1["given_id"].is_valid())
            duplicates = np.union1d(duplicates, self._known_by_rules_1(by_rules_1, alike))
            self.con.register("numbered_rows", numbered)
        if len(duplicates):
            stay = np.isin(numbers, duplicates, invert=True)
            keys, numbers = keys[stay], numbers[stay]
        self._remember(keys)
        if len(numbers) == rows.num_rows:
            return rows
        con = self.con
        con.register("new_rows", _as_table(np.sort(numbers)))
        return con.sql(sql_beside(__file__, "rows_that_are_new")).to_arrow_table()

    def _remember(self, keys: Any) -> None:
        """Adds keys of a chunk. Arrays of about a size become one, so that they stay few."""
        self.keys.append(keys)
        while len(self.keys) > 1 and len(self.keys[-2]) <= 2 * len(self.keys[-1]):
            last = self.keys.pop()
            self.keys[-1] = np.sort(np.concatenate([self.keys[-1], last]), kind="stable")

    def _keys(self, numbered: Any) -> tuple[Any, Any]:
        """Keys of the accepted rows, sorted, and their numbers."""
        self.con.register("numbered_rows", numbered)
        key = KEY_SQL.format(id="given_id", time="event_time")
        found = self.con.sql(
            f"select row, {key} as key from numbered_rows where reason is null"
        ).to_arrow_table()
        keys, numbers = as_numbers(found["key"]), as_numbers(found["row"])
        order = np.argsort(keys, kind="stable")
        return keys[order], numbers[order]

    def _known_by_rules_1(self, rows: Any, are_wanted: Any) -> Any:
        """Those of the wanted rows that the source has by the ids that they had by rules 1."""
        rows = _numbered(self._with_ids(rows, "sql_1")).filter(are_wanted)
        keys, numbers = self._keys(rows)
        known, days = days_known(self.index.runs, keys)
        if not len(known):
            return numbers[:0]
        self._look_up(np.unique(numbers[known]), _of_days(self.earlier, days))
        found = self.con.sql(
            "select row from suspect_rows semi join ids_written on event_id = given_id"
        ).to_arrow_table()
        return as_numbers(found["row"])

    def _with_ids(self, rows: Any, rules: str = "sql") -> Any:
        """The rows with an id for those that came without: what each says, and how often before."""
        self.con.register("numbered_rows", _numbered(rows))
        absent = [f"null as {name}" for name in _DESCRIBING if name not in rows.column_names]
        self.con.execute(
            "create or replace temp view rows_to_describe as select "
            f"{', '.join(['*', *absent])} from numbered_rows"
        )
        described = sql_beside(__file__, "described_rows", rules)
        self.con.execute(f"create or replace temp table described as {described}")
        with_ids = self.con.sql(sql_beside(__file__, "rows_with_ids")).to_arrow_table()
        self.con.execute(
            f"insert into {_SEEN[rules]} select file, description, count(*) from described "
            "group by all"
        )
        return with_ids

    def _duplicates(self, keys: Any, numbers: Any) -> Any:
        """The rows of the chunk whose id was there before. Both are in the order of the keys."""
        hashes = keys >> np.uint64(16)
        same = hashes[1:] == hashes[:-1]
        is_suspect = np.zeros(len(keys), bool)
        is_suspect[1:] |= same
        is_suspect[:-1] |= same
        known, days = days_known(self.index.runs, keys)
        before, days_before = days_known(self.keys, keys)
        is_suspect[known] = is_suspect[before] = True
        if not is_suspect.any():
            return numbers[:0]
        files = _of_days(self.earlier, days)
        if len(before):
            written = [(self.events.folder / file.name, file) for file in self.events.files()]
            files += _of_days(written, days_before)
        self._look_up(numbers[is_suspect], files)
        duplicates = self.con.sql(sql_beside(__file__, "duplicate_rows")).to_arrow_table()
        return as_numbers(duplicates["row"])

    def _look_up(self, numbers: Any, files: Sequence[Path]) -> None:
        """Leaves these rows in suspect_rows, and those of their ids that the files have in
        ids_written.
        """
        con = self.con
        con.register("suspects", _as_table(numbers))
        suspects = sql_beside(__file__, "suspect_rows")
        con.execute(f"create or replace temp table suspect_rows as {suspects}")
        con.unregister("suspects")
        con.execute("create or replace temp table ids_written (event_id varchar)")
        if files:
            con.execute(
                "insert into ids_written select distinct event_id "
                "from read_parquet($files, hive_partitioning = false) "
                "semi join suspect_rows on event_id = given_id",
                {"files": list(map(str, files))},
            )


def _of_days(files: Sequence[tuple[Path, LakeFile]], days: Any) -> list[Path]:
    """The files that may have rows of one of the days, as keys count them."""
    wanted = np.unique(days).tolist()
    found = []
    for path, file in files:
        at = bisect_left(wanted, day_number(file.first_time))
        if at < len(wanted) and wanted[at] <= day_number(file.last_time):
            found.append(path)
    return found


def _numbered(rows: Any) -> Any:
    return rows.append_column("row", _as_table(np.arange(rows.num_rows, dtype=np.int64))["row"])


def _as_table(numbers: Any) -> Any:
    """Numbers of rows as a table of one column, `row`."""
    return pa.table([as_array(numbers)], names=["row"])
