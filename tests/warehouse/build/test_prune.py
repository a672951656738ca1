"""Pruning: old raw events leave, and no number of what stays changes for it."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

import warehouse
from etl.errors import ConfigError
from etl.lake import Lake, locked
from etl.lake.compact import compact
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.make import build_home, load_files, settings_of, write_ndjson
from tests.search import some
from tests.warehouse.build.conftest import Row, clicks, prune_home
from warehouse import Filters
from warehouse.metrics import data, overview, users

START = datetime(2026, 3, 1, tzinfo=UTC)


def history(chance: random.Random, days: int = 9) -> list[Row]:
    """Visits of some users on some days, at midnight too, by gaps and by the tracker's count."""
    rows = []
    for number in range(90):
        user = f"u{chance.randrange(12)}"
        time = START + timedelta(
            days=chance.randrange(days), hours=chance.choice([0, 1, 5, 13, 20, 22, 23]),
            minutes=chance.randrange(60),
        )  # fmt: skip
        for _ in range(chance.randrange(1, 8)):
            rows.append(
                {
                    "user": user,
                    "time": time.isoformat(),
                    "event": chance.choice(["click", "page_view", "query", "error", "logout"]),
                    "page": chance.choice(["/a", "/b", "/c"]),
                    "device": chance.choice(["desktop", "mobile", "bot", None, None]),
                    "session": f"s{number % 40}",
                    "id": f"e{len(rows)}",
                }
            )
            time += timedelta(minutes=chance.choice([0, 1, 12, 29, 31, 200]))
    return rows


def rounded(rows: list[Any]) -> list[Any]:
    """The rows with fractions to nine digits: the order of a sum shows in the last ones."""
    return [
        tuple(round(value, 9) if isinstance(value, float) else value for value in row)
        for row in rows
    ]


def contents(path: Path) -> dict[str, Any]:
    """The tables that a prune may touch: those of days and users, and sessions by their id."""
    with duckdb.connect(path, read_only=True) as con:
        queries = {
            "days": "select * exclude (is_pruned) from daily_session_stats order by all",
            # What is told of the sessions that are left, and the number of the user.
            "users": "select * exclude (median_duration_seconds, user_key, has_touching_sessions) "
            "from users order by all",
            "patterns": "from user_patterns order by all",
        }
        content: dict[str, Any] = {
            name: rounded(con.execute(query).fetchall()) for name, query in queries.items()
        }
        keys = {"user_sessions": "session_id", "session_events": "source || event_id"}
        for name, key in keys.items():
            # Numbers of users are given anew.
            told = "columns(lambda name: name <> 'user_key')"
            rows = con.execute(f"select {key}, {told} from {name}").fetchall()
            content[name] = {row[0]: row[1:] for row in rows}
        ends = con.execute("select session_id, end_time, is_open from user_sessions").fetchall()
        content["ends"] = {session: (end, is_open) for session, end, is_open in ends}
        return content


@pytest.mark.parametrize(
    ("seed", "zone"),
    [
        (1, "America/New_York"),
        (3, "Pacific/Kiritimati"),
        (0, "UTC"),
        (2, "Asia/Kolkata"),
        (4, "Europe/Berlin"),
    ][: some(1, of=5)],
)
def test_days_users_and_sessions_say_after_prunes_what_they_said_before(
    tmp_path: Path, seed: int, zone: str
) -> None:
    chance = random.Random(seed)
    home = tmp_path / "home"
    settings = settings_of(home, f'time_zone = "{zone}"')
    rows = history(chance)
    for source, sessions in (("web", "inactivity"), ("app", "inactivity"), ("trk", "tracker")):
        some = [row for row in rows if chance.random() < 0.4]
        for part in (some[::2], some[1::2]):
            file = write_ndjson(tmp_path / f"{source}{len(part)}-{part[0]['id']}.ndjson", part)
            load_files(home, file, source=source, sessions=sessions, settings=settings)
    before = contents(build_home(home, settings).path)
    for day in (4, 6):
        if chance.random() < 0.5:
            with locked(home), duckdb.connect() as con:
                compact(con, Lake(home), Lake(home).state(), everything=True)
        cut = date(2026, 3, day)
        done = prune_home(home, settings, before=cut)
        assert done.events > 0
        assert done.before == cut
        assert_lake_is_tidy(home)
        after = contents(build_home(home, settings, full=True).path)
        for name in ("days", "users", "patterns"):
            assert after[name] == before[name], name
        for name in ("user_sessions", "session_events"):
            for key, row in after[name].items():
                assert row == before[name][key]
        time = datetime(2026, 3, day, tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
        gone = before["ends"].keys() - after["ends"].keys()
        assert gone
        assert all(before["ends"][session][0] < time for session in gone)
        # Only users with a session that goes on past the cut still have earlier events.
        staying = [row for row in lake_rows(home) if row[5] < time]
        assert len(staying) == done.events_staying
    files = len(Lake(home).event_files())
    with locked(home), duckdb.connect() as con:
        compact(con, Lake(home), Lake(home).state(), everything=True)
    assert len(Lake(home).event_files()) <= files
    assert contents(build_home(home, settings, full=True).path) == after


def test_sessions_that_go_on_past_the_cut_stay_whole(visited: Path) -> None:
    done = prune_home(visited, before=date(2026, 3, 2))
    assert (done.events, done.sessions, done.events_staying) == (3, 2, 1)
    with warehouse.open(visited) as wh:
        sessions = wh.sql(
            "select user_id, event_count, session_number, is_new_user from user_sessions "
            "order by start_time"
        ).fetchall()
        assert sessions == [("cid", 2, 1, True), ("ann", 1, 2, False), ("dan", 1, 1, True)]
        assert wh.sql("select user_id, first_date from users order by 1").fetchall() == [
            ("ann", date(2026, 3, 1)),
            ("bob", date(2026, 3, 1)),
            ("cid", date(2026, 3, 1)),
            ("dan", date(2026, 3, 3)),
        ]
        assert wh.sql("select event_count, session_count from prunes").fetchall() == [(3, 2)]


def test_a_dry_run_changes_nothing(visited: Path) -> None:
    before = lake_rows(visited)
    done = prune_home(visited, before=date(2026, 3, 2), dry_run=True)
    assert (done.events, done.build.number) == (3, 1)
    assert lake_rows(visited) == before
    assert Lake(visited).state().pruned is None


@pytest.mark.parametrize(
    ("older_than", "before"),
    [
        pytest.param(timedelta(days=1), date(2026, 3, 2), id="a day"),
        pytest.param(timedelta(days=1, hours=12), date(2026, 3, 2), id="to midnight exactly"),
        pytest.param(timedelta(days=1, hours=13), date(2026, 3, 1), id="past midnight"),
    ],
)
def test_whole_days_leave_counted_back_from_the_newest_event(
    visited: Path, older_than: timedelta, before: date
) -> None:
    assert prune_home(visited, older_than=older_than, dry_run=True).before == before


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"older_than": timedelta(hours=23)}, id="less than a day"),
        pytest.param({"before": date(2026, 3, 4)}, id="after the newest event"),
    ],
)
def test_a_cut_that_would_take_what_is_new_is_refused(visited: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="Wanted: a day"):
        prune_home(visited, **asked)


def test_an_earlier_cut_or_an_empty_home_is_nothing_to_do(visited: Path, tmp_path: Path) -> None:
    prune_home(visited, before=date(2026, 3, 3))
    done = prune_home(visited, before=date(2026, 3, 2))
    assert (done.before, done.events) == (date(2026, 3, 3), 0)
    assert prune_home(tmp_path / "empty", before=date(2026, 3, 3)).before is None


def test_totals_count_from_the_cut_and_days_before_it_are_told_as_they_were(
    visited: Path,
) -> None:
    period = Filters(start=date(2026, 2, 28), end=date(2026, 3, 3))
    with warehouse.open(visited) as wh:
        whole = overview.daily(wh, period)
    prune_home(visited, before=date(2026, 3, 2))
    with warehouse.open(visited) as wh:
        assert wh.pruned_before == date(2026, 3, 2)
        assert data.extent(wh)["min_date"].to_list() == [date(2026, 3, 2)]
        # The visit that began the day before is in no total; who came in it is.
        totals = overview.totals(wh, period).row(0, named=True)
        assert (totals["session_count"], totals["user_count"]) == (2, 3)
        columns = ["event_date", "session_count", "user_count", "median_duration_seconds"]
        columns += ["avg_duration_seconds", "bounce_rate"]
        days = overview.daily(wh, period)
        assert days.select(columns).rows() == whole.select(columns).rows()
        some = overview.daily(wh, Filters(period.start, period.end, sources=("web",)))
        assert some["session_count"].to_list() == [None, None, 0, 2]
        assert users.profile(wh, "bob")["session_count"].to_list() == [1]
        stats = warehouse.SessionAnalytics(wh).get_session_stats(days=30)
        assert "2026-03-02" in stats["message"]
        assert "message" not in warehouse.SessionAnalytics(wh).get_session_stats(days=1)


def test_streams_that_had_queries_still_have_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rows = [*clicks("ann", "03-03 09:00"), *clicks("bob", "03-05 09:00")]
    asked = {"user": "ann", "time": "2026-03-01T09:00:00Z", "event": "query"}
    load_files(home, write_ndjson(tmp_path / "a.ndjson", [*rows, asked]), source="web")
    build_home(home)
    prune_home(home, before=date(2026, 3, 2))
    with warehouse.open(home) as wh:
        assert wh.sql("select is_abandoned from user_sessions order by start_time").fetchall() == [
            (True,),
            (False,),
        ]


def test_pruning_anew_adds_to_what_was_kept(visited: Path) -> None:
    with warehouse.open(visited) as wh:
        before = wh.sql("select * exclude (is_pruned) from daily_session_stats").fetchall()
    for day in (2, 3):
        prune_home(visited, before=date(2026, 3, day))
    assert len(lake_rows(visited)) == 2
    assert_lake_is_tidy(visited)
    with warehouse.open(visited) as wh:
        assert wh.sql("select * exclude (is_pruned) from daily_session_stats").fetchall() == before
        assert wh.sql("select count(*), sum(event_count) from users").fetchall() == [(4, 7)]
        assert wh.sql("select event_count, session_count from prunes").fetchall() == [(5, 3)]


def test_a_prune_makes_no_other_table_of_a_full_build_differ(visited: Path) -> None:
    prune_home(visited, before=date(2026, 3, 2))
    first = tables(build_home(visited).path)
    assert tables(build_home(visited, full=True).path) == first
