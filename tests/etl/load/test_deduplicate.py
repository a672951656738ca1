"""The ids of events that came without one."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.lake import LakeState
from etl.lake.event_writer import EventWriter
from etl.lake.id_index import IdIndex
from etl.load.deduplicate import NewEvents


def typed_rows(**columns: Any) -> Any:
    """Two accepted rows without an id, as the normaliser yields them, with further columns."""
    rows = {
        "line": [1, 2],
        "given_id": pa.nulls(2, pa.string()),
        "user_id": ["ann", "bob"],
        "event_time": pa.array([0, 0], pa.timestamp("us")),
        "event_type": ["click", "click"],
        **{name: ["", ""] for name in ("page", "page_host", "campaign")},
        "properties": ['{"a": 1}', None],
        "reason": pa.nulls(2, pa.string()),
    }
    return pa.table(rows | columns)


def ids_of(tmp_path: Path, rows: Any) -> list[str]:
    """The ids that rows of a first file get."""
    state = LakeState(tmp_path)
    with duckdb.connect() as con, EventWriter(tmp_path, state, "web", "inactivity") as events:
        new = NewEvents(con, IdIndex(state, "web", "any"), events, [])
        return new.of(rows, rows.num_rows, 0)["given_id"].to_pylist()


def test_ids_of_rows_that_came_without_one_are_those_of_all_homes(tmp_path: Path) -> None:
    # As 0.1 made them: who changes them makes every row of an overlapping export new.
    assert ids_of(tmp_path, typed_rows()) == [
        "4640ed2633705969c8c369d08083d000",
        "ee0db93fa65523946c6631fa4f41831e",
    ]


def test_ids_of_rows_that_came_without_one_take_no_notice_of_further_columns(
    tmp_path: Path,
) -> None:
    rows = typed_rows(plan=["pro", None])
    assert ids_of(tmp_path, rows) == ids_of(tmp_path, typed_rows())


def test_equal_rows_of_files_that_are_read_together_are_counted_file_by_file(
    tmp_path: Path,
) -> None:
    same = {"user_id": ["ann", "ann"], "properties": pa.nulls(2, pa.string())}
    one_file = ids_of(tmp_path, typed_rows(**same))
    assert len(set(one_file)) == 2
    # The second file says again what the first one did: the same event, so not a new one.
    assert ids_of(tmp_path, typed_rows(**same, line=[1, (1 << 40) + 1])) == one_file[:1]
