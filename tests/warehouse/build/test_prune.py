"""Pruning: old raw events leave, and no number of what stays changes for it."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

import warehouse
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError
from etl.lake import Lake, locked
from etl.lake.compact import compact
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.make import build_home, load_files, settings_of, write_ndjson
from warehouse import Filters
from warehouse.build.prune import Prune, prune
from warehouse.metrics import data, overview, users

START = datetime(2026, 3, 1, tzinfo=UTC)
Row = dict[str, Any]


def prune_home(home: Path, settings: Settings | None = None, **options: Any) -> Prune:
    """Prunes a home."""
    with locked(home):
        return prune(settings or load_settings(home), **options)


def clicks(user: str, *times: str, **more: Any) -> list[Row]:
    """Clicks of a user at times such as "03-01 23:50"."""
    return [{"user": user, "time": f"2026-{t}:00Z", "event": "click", **more} for t in times]


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
            "users": "select * exclude (median_duration_seconds) from users order by all",
            "patterns": "from user_patterns order by all",
        }
        content: dict[str, Any] = {
            name: rounded(con.execute(query).fetchall()) for name, query in queries.items()
        }
        keys = {"user_sessions": "session_id", "session_events": "source || event_id"}
        for name, key in keys.items():
            rows = con.execute(f"select {key}, * from {name}").fetchall()
            content[name] = {row[0]: row[1:] for row in rows}
        ends = con.execute("select session_id, end_time, is_open from user_sessions").fetchall()
        content["ends"] = {session: (end, is_open) for session, end, is_open in ends}
        return content


@pytest.mark.parametrize(
    ("seed", "zone"),
    [
        (0, "UTC"),
        (1, "America/New_York"),
        (2, "Asia/Kolkata"),
        (3, "Pacific/Kiritimati"),
        (4, "Europe/Berlin"),
    ],
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
                compact(con, Lake(home), everything=True)
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
        compact(con, Lake(home), everything=True)
    assert len(Lake(home).event_files()) <= files
    assert contents(build_home(home, settings, full=True).path) == after


@pytest.fixture
def visited(tmp_path: Path) -> Path:
    """A home with visits on three days, one of which goes on past midnight."""
    home = tmp_path / "home"
    rows = [
        *clicks("ann", "03-01 09:00", "03-01 09:10", "03-03 09:00"),
        *clicks("bob", "03-01 10:00"),
        *clicks("cid", "03-01 23:50", "03-02 00:10"),
        *clicks("dan", "03-03 12:00"),
        {"user": "", "time": "2026-03-01T00:00:00Z"},
    ]
    load_files(home, write_ndjson(tmp_path / "visits.ndjson", rows), source="web")
    build_home(home)
    return home


def test_a_load_after_a_prune_that_was_killed_before_its_build_takes_events_out_too(
    tmp_path: Path, visited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_home(visited)
    builds = iter([build_home(visited)])
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.build.prune.build", lambda *_, **__: next(builds))
        with pytest.raises(StopIteration):
            prune_home(visited, before=date(2026, 3, 3))
    load_files(visited, write_ndjson(tmp_path / "more.ndjson", clicks("zoe", "03-03 09:00")))
    build = build_home(visited)
    assert build.reason == "old events pruned"
    assert tables(build.path) == tables(build_home(visited, full=True).path)


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
    assert Lake(visited).manifest().pruned is None


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


def test_rows_of_the_pruned_past_are_rejected_without_their_text(
    visited: Path, tmp_path: Path
) -> None:
    prune_home(visited, before=date(2026, 3, 2))
    (again,) = load_files(visited, tmp_path / "visits.ndjson", source="web")
    assert again.status == "unchanged"
    late = [
        *clicks("ann", "03-01 09:00", "03-03 09:00", "03-04 09:00"),
        *clicks("eve", "03-01 23:59", "03-02 00:00"),
    ]
    (outcome,) = load_files(visited, write_ndjson(tmp_path / "late.ndjson", late), source="web")
    assert (outcome.rows_read, outcome.rows_loaded) == (5, 2)
    assert (outcome.rows_duplicate, outcome.rows_rejected) == (1, 2)
    build_home(visited)
    with warehouse.open(visited) as wh:
        rejected = wh.sql(
            "select reason, row_count, first_line, example from rejected_summary "
            "where reason <> 'no user'"
        ).fetchall()
        assert rejected == [("before the pruned horizon", 2, 1, None)]
        assert wh.sql(
            "select min(stat_date), sum(total_sessions) from daily_session_stats"
        ).fetchall() == [(date(2026, 3, 1), 7)]


def test_rejected_rows_that_were_loaded_before_the_cut_leave_with_it(
    visited: Path, tmp_path: Path
) -> None:
    lake = Lake(visited)
    (commit,) = lake.commits()
    record = lake.commits_folder / f"{commit.batch_id}.json"
    content = json.loads(record.read_text())
    record.write_text(json.dumps(content | {"loaded_at": "2026-03-01T12:00:00+00:00"}))
    prune_home(visited, before=date(2026, 3, 2))
    assert list(lake.rejected.glob("*.parquet")) == []
    with warehouse.open(visited) as wh:
        assert wh.sql("select count(*) from rejected_summary").fetchall() == [(0,)]
        assert wh.sql("select rows_rejected from load_runs").fetchall() == [(1,)]


def test_a_file_read_in_another_way_after_a_prune_replaces_what_is_left_of_it(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    rows = [{**row, "who": "x"} for row in clicks("cid", "03-01 23:50", "03-02 00:10")]
    files = [
        write_ndjson(tmp_path / "a.ndjson", rows),
        write_ndjson(
            tmp_path / "b.ndjson",
            [*clicks("dan", "03-01 23:55", "03-02 00:05"), *clicks("eve", "03-01 01:00")],
        ),
    ]
    load_files(home, *files, source="web")
    prune_home(home, before=date(2026, 3, 2))
    assert len(lake_rows(home)) == 4
    (outcome,) = load_files(home, files[0], source="web", map={"user": "who"})
    assert (outcome.rows_loaded, outcome.rows_rejected) == (1, 1)
    assert sorted((row[3], str(row[5])) for row in lake_rows(home)) == [
        ("dan", "2026-03-01 23:55:00"),
        ("dan", "2026-03-02 00:05:00"),
        ("x", "2026-03-02 00:10:00"),
    ]


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
