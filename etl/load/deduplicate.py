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

from etl.arrow_numbers import as_array, as_numbers
from etl.duck import sql_beside
from etl.lake.event_writer import EventWriter
from etl.lake.id_index import KEY_SQL, IdIndex, day_number, days_known
from etl.lake.records import LakeFile

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
        con.execute(
            "create or replace temp table seen_descriptions "
            "(file bigint, description uuid, rows bigint)"
        )

    def of(self, rows: Any, accepted: int, given: int) -> Any:
        """The rows that are new events, with their event_id; columns as typed_rows.sql yields.

        `rows` is registered as typed_rows; so many of them were accepted, and came with an id.
        """
        if given < accepted:
            rows = self._with_ids(rows)
        numbered = _numbered(rows)
        self.con.register("numbered_rows", numbered)
        key = KEY_SQL.format(id="given_id", time="event_time")
        found = self.con.sql(
            f"select row, {key} as key from numbered_rows where reason is null"
        ).to_arrow_table()
        keys, numbers = as_numbers(found["key"]), as_numbers(found["row"])
        order = np.argsort(keys, kind="stable")
        keys, numbers = keys[order], numbers[order]
        duplicates = self._duplicates(keys, numbers)
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

    def _with_ids(self, rows: Any) -> Any:
        """The rows with an id for those that came without: what each says, and how often before."""
        self.con.register("numbered_rows", _numbered(rows))
        absent = [f"null as {name}" for name in _DESCRIBING if name not in rows.column_names]
        self.con.execute(
            "create or replace temp view rows_to_describe as select "
            f"{', '.join(['*', *absent])} from numbered_rows"
        )
        described = sql_beside(__file__, "described_rows")
        self.con.execute(f"create or replace temp table described as {described}")
        with_ids = self.con.sql(sql_beside(__file__, "rows_with_ids")).to_arrow_table()
        self.con.execute(
            "insert into seen_descriptions select file, description, count(*) from described "
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
        con = self.con
        con.register("suspects", _as_table(numbers[is_suspect]))
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
        duplicates = con.sql(sql_beside(__file__, "duplicate_rows")).to_arrow_table()
        return as_numbers(duplicates["row"])


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
