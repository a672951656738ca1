"""The ids of events that came without one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from etl.lake import Lake
from etl.lake.schema import EVENT_COLUMNS
from etl.load import deduplicate
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


def test_ids_of_rows_without_a_later_column_stay_what_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ids_of(tmp_path, typed_rows())
    # As 0.1 made them: homes are full of them.
    assert before == [
        "4640ed2633705969c8c369d08083d000",
        "ee0db93fa65523946c6631fa4f41831e",
    ]
    plan = replace(EVENT_COLUMNS[-1], name="plan")
    monkeypatch.setattr(deduplicate, "EVENT_COLUMNS", (*EVENT_COLUMNS, plan))
    assert ids_of(tmp_path, typed_rows()) == before
    ann, bob = ids_of(tmp_path, typed_rows(plan=["pro", None]))
    assert (ann == before[0], bob == before[1]) == (False, True)
    assert ids_of(tmp_path, typed_rows(plan=["free", None])) != [ann, bob]
