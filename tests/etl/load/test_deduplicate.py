"""The ids of events that came without one."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.lake import Lake
from etl.load.deduplicate import EventIds, KnownHashes


def typed_rows(**columns: Any) -> Any:
    """Two accepted rows without an id, as the normaliser yields them, with further columns."""
    rows = {
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
    with duckdb.connect() as con:
        lake = Lake(tmp_path)
        ids = EventIds(con, lake, KnownHashes(con, lake), "web", [], list)
        return ids.new_rows(rows, rows.num_rows, 0)["given_id"].to_pylist()


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
