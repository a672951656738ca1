"""What a prune keeps, also as an earlier Dwell kept it."""

import shutil
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


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose first of two days was pruned, to be copied."""
    folder = tmp_path_factory.mktemp("pruned")
    rows = [
        {"user": user, "time": f"2026-03-0{day}T12:00:0{second}Z", "event": kind}
        for user, day in (("ann", 1), ("ben", 1), ("ann", 3))
        for second, kind in enumerate(("click", "error", "click"))
    ]
    home = folder / "home"
    load_files(home, write_ndjson(folder / "events.ndjson", rows), source="web")
    with locked(home):
        prune(load_settings(home), before=date(2026, 3, 2))
    return home


@pytest.fixture
def home(pruned: Path, tmp_path: Path) -> Path:
    """A copy of that home."""
    return Path(shutil.copytree(pruned, tmp_path / "home"))


def rewrite_kept(home: Path, name: str, select: str) -> None:
    """Has a file of what was kept be as the select says, of `kept`."""
    pruned = Lake(home).state().pruned
    assert pruned
    path = Lake(home).root / pruned.kept / f"{name}.parquet"
    with duckdb.connect() as con:
        con.execute(f"create table kept as from read_parquet('{path}')")
        con.execute(f"copy ({select}) to '{path}' (format parquet)")


DAYS = "from daily_session_stats where is_pruned and stream = 'inactivity'"
USERS = "from users order by user_id"


def test_columns_that_were_kept_are_those_of_the_mart(home: Path) -> None:
    of_all = "from daily_session_stats where is_pruned order by stream"
    before = day_rows(home, f"select * exclude (is_pruned) {of_all}")
    assert [row["total_sessions"] for row in before] == [2, 2]
    with duckdb.connect() as con:
        file = next(Lake(home).root.rglob("daily.parquet"))
        assert (
            con.sql(f"from read_parquet('{file}') order by stream").to_arrow_table().to_pylist()
            == before
        )


@pytest.mark.parametrize("column", ["avg_engaged_seconds", "open_sessions", "error_rate"])
def test_a_day_s_number_that_an_earlier_dwell_did_not_keep_is_null(home: Path, column: str) -> None:
    (before,) = day_rows(home, DAYS)
    rewrite_kept(home, "daily", f"select * exclude ({column}) from kept")
    (after,) = day_rows(home, DAYS)
    assert before[column] is not None
    assert after == before | {column: None}


def test_days_that_an_earlier_dwell_kept_by_stream_alone_are_put_together(home: Path) -> None:
    of_all = "from daily_session_stats where is_pruned and stream = 'all'"
    rewrite_kept(home, "daily", "select * exclude (open_sessions) from kept where stream <> 'all'")
    (one_stream,) = day_rows(home, of_all)
    assert one_stream == day_rows(home, DAYS)[0] | {"stream": "all"}
    # The day had 2 sessions; beside them 6 of the tracker, 2 suspect and 3 open.
    other = (
        "'tracker' as stream, 6 as total_sessions, 5 as unique_users, 4 as new_users, "
        "2 as suspect_sessions, 3 as open_sessions, 0.5 as bounce_rate, 1.0 as error_rate, "
        "0.25 as abandonment_rate, 10.0 as avg_duration_seconds, 7.0 as actions_per_session"
    )
    rewrite_kept(
        home,
        "daily",
        "with one as (select * replace (0.0 as bounce_rate, 2 as actions_per_session), "
        "0 as open_sessions from kept) "
        f"from one union all by name select stat_date, {other} from one",
    )
    (day,) = day_rows(home, of_all)
    assert (day["total_sessions"], day["new_users"], day["open_sessions"]) == (8, 6, 3)
    assert day["bounce_rate"] == pytest.approx((0.0 * 2 + 0.5 * 3) / 5)
    assert day["abandonment_rate"] == pytest.approx(0.25)
    mean = one_stream["avg_duration_seconds"]
    assert day["avg_duration_seconds"] == pytest.approx((mean * 2 + 10.0 * 4) / 6)
    assert day["actions_per_session"] == pytest.approx((2 * 2 + 7 * 6) / 8)
    unknown = ("unique_users", "median_duration_seconds", "p90_duration_seconds")
    assert [day[name] for name in (*unknown, "most_common_entry")] == [None] * 4


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
