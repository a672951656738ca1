"""Makes the index of a source's ids from its events: after an upgrade, or under another engine."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np

from etl.arrow_numbers import as_numbers
from etl.duck import listed
from etl.lake.id_index import KEY_SQL, IdIndex
from etl.lake.portions import in_portions
from etl.lake.records import LakeFile, Transaction
from etl.lake.state import LakeState
from etl.lake.store import Lake

_ROWS_AT_ONCE = 10_000_000


def reindex(con: duckdb.DuckDBPyConnection, lake: Lake, index: IdIndex) -> LakeState:
    """The state in which the index of its source is whole. Hold the lock."""
    state, staged = index.state, lake.staged()
    events = [
        (state.path_of(file), file)
        for file in state.of_kind("events")
        if file.source == index.source
    ]
    old = [file.name for file in state.of_kind("ids") if file.source == index.source]
    new = made_anew(con, index, events, staged)
    return lake.commit(state, Transaction("index", files=new, gone=old), staged)


def made_anew(
    con: duckdb.DuckDBPyConnection,
    index: IdIndex,
    events: Sequence[tuple[Path, LakeFile]],
    staged: Path,
) -> list[LakeFile]:
    """Files with the keys of these events, of the index's source, in the staged folder; none of
    none. `events`: where each file lies.
    """
    key = KEY_SQL.format(id="event_id", time="event_time")
    new: list[LakeFile] = []
    for some in in_portions(events, lambda one: one[1].rows, _ROWS_AT_ONCE):
        paths = listed(path for path, _ in some)
        table = con.sql(
            f"select {key} as key from read_parquet({paths}, hive_partitioning = false)"  # noqa: S608
        ).to_arrow_table()
        keys = np.sort(as_numbers(table["key"]))
        new.append(index.write(staged, len(new), keys, *_numbers([file for _, file in events])))
    return new


def _numbers(files: Sequence[LakeFile]) -> tuple[int, int]:
    """The lowest and the highest number of a batch."""
    return min(file.first_batch for file in files), max(file.last_batch for file in files)
