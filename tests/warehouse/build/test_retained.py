"""What a prune keeps, also as an earlier Dwell kept it."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from etl.config.settings import load_settings
from etl.lake import Lake, locked
from tests.make import build_home, load_files, write_ndjson
from warehouse.build.prune import prune


def day_rows(home: Path, query: str) -> list[dict[str, Any]]:
    """The rows of a query on a full build."""
    build_home(home, full=True)
    with warehouse.open(home) as wh:
        return wh.sql(query).to_arrow_table().to_pylist()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose first of two days was pruned."""
    rows = [
        {"user": user, "time": f"2026-03-0{day}T12:00:0{second}Z", "event": kind}
        for user, day in (("ann", 1), ("ben", 1), ("ann", 3))
        for second, kind in enumerate(("click", "error", "click"))
    ]
    home = tmp_path / "home"
    load_files(home, write_ndjson(tmp_path / "events.ndjson", rows), source="web")
    with locked(home):
        prune(load_settings(home), before=date(2026, 3, 2))
    return home


def rewrite_kept(home: Path, name: str, select: str) -> None:
    """Has a file of what was kept be as the select says, of `kept`."""
    pruned = Lake(home).state().pruned
    assert pruned
    path = Lake(home).root / pruned.kept / f"{name}.parquet"
    with duckdb.connect() as con:
        con.execute(f"create table kept as from read_parquet('{path}')")
        con.execute(f"copy ({select}) to '{path}' (format parquet)")


DAYS = "from daily_session_stats where is_pruned"
USERS = "from users order by user_id"


def test_columns_that_were_kept_are_those_of_the_mart(home: Path) -> None:
    before = day_rows(home, f"select * exclude (is_pruned) {DAYS}")
    assert before[0]["total_sessions"] == 2
    with duckdb.connect() as con:
        file = next(Lake(home).root.rglob("daily.parquet"))
        assert con.sql(f"from read_parquet('{file}')").to_arrow_table().to_pylist() == before


@pytest.mark.parametrize("column", ["avg_engaged_seconds", "open_sessions", "error_rate"])
def test_a_day_s_number_that_an_earlier_dwell_did_not_keep_is_null(home: Path, column: str) -> None:
    (before,) = day_rows(home, DAYS)
    rewrite_kept(home, "daily", f"select * exclude ({column}) from kept")
    (after,) = day_rows(home, DAYS)
    assert before[column] is not None
    assert after == before | {column: None}


@pytest.mark.parametrize(
    ("column", "name", "counts"),
    [
        ("error_count", "error_count", [1, 0]),
        ("timed_session_count", "avg_duration_seconds", [4.0, None]),
        ("device_type", "device_type", [None, None]),
        ("newest_sessions", "session_count", [2, 1]),
    ],
)
def test_a_user_s_number_that_an_earlier_dwell_did_not_keep_is_none(
    home: Path, column: str, name: str, counts: list[Any]
) -> None:
    rewrite_kept(home, "users", f"select * exclude ({column}) from kept")
    assert [row[name] for row in day_rows(home, USERS)] == counts


def test_pruning_anew_keeps_what_an_earlier_dwell_did_not_keep_yet(
    home: Path, tmp_path: Path
) -> None:
    rewrite_kept(home, "users", "select * exclude (error_count) from kept")
    rewrite_kept(home, "daily", "select * exclude (open_sessions) from kept")
    build_home(home, full=True)
    rows = [{"user": "eve", "time": "2026-03-09T12:00:00Z", "event": "click"}]
    load_files(home, write_ndjson(tmp_path / "late.ndjson", rows), source="web")
    with locked(home):
        prune(load_settings(home), before=date(2026, 3, 5))
    users = day_rows(home, USERS)
    assert [(row["user_id"], row["session_count"], row["error_count"]) for row in users] == [
        ("ann", 2, 1),
        ("ben", 1, 0),
        ("eve", 1, 0),
    ]
    days = day_rows(home, f"{DAYS} order by stat_date")
    assert [row["open_sessions"] for row in days] == [None, 0]
