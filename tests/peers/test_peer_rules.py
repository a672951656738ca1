"""Small published cases of peers: the same events must make the sessions that they expect."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import warehouse
from tests.make import build_home, load_files, settings_of, write_ndjson
from warehouse.filters import Filters
from warehouse.metrics import crosswalk

pytestmark = pytest.mark.peer_data
PeerData = Callable[[str], Path]


def load_rows(folder: Path, rows: list[dict[str, Any]], config: str = "") -> warehouse.Warehouse:
    """The warehouse of events given as rows of user, time, event."""
    settings = settings_of(folder / "home", config)
    file = write_ndjson(folder / "events.ndjson", rows)
    assert load_files(folder / "home", file, settings=settings)[0].status == "loaded"
    build_home(folder / "home", settings)
    return warehouse.open(folder / "home")


def utc(text: str) -> datetime:
    """A naive UTC time from ISO text."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def stretched(times: list[str | None], factor: int) -> list[datetime | None]:
    """Times at so many times their distance from the first."""
    start = min(utc(time) for time in times if time)
    return [start + (utc(time) - start) * factor if time else None for time in times]


def test_spark_session_windows(peer_data: PeerData, tmp_path: Path) -> None:
    given = json.loads((peer_data("peer-rules") / "spark_session_windows.json").read_text())
    rows, wanted = [], []
    for number, case in enumerate(given["cases"]):
        times = stretched([time for _, time in case["events"]], 180)
        start = min(utc(time) for _, time in case["events"] if time)
        rows += [
            {"user": f"{number}/{user}", "time": time, "event": "click"}
            for (user, _), time in zip(case["events"], times, strict=True)
        ]
        wanted += [
            (
                f"{number}/{user}",
                start + (utc(first) - start) * 180,
                start + (utc(last) - start) * 180,
                count,
            )
            for user, first, last, count in case["expected"]
        ]
    with load_rows(tmp_path, rows) as wh:
        got = wh.sql("select user_id, start_time, end_time, event_count from user_sessions")
        assert sorted(got.fetchall()) == sorted(wanted)


@pytest.fixture(scope="module")
def posthog(
    peer_data: PeerData, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], warehouse.Warehouse]:
    """PostHog's cases by name, and all of them loaded; a user is case/distinct_id."""
    file = peer_data("peer-posthog-sessions") / "posthog_sessions.json"
    cases = {case["name"]: case for case in json.loads(file.read_text())["cases"]}
    rows = [
        event | {"distinct_id": f"{name}/{event['distinct_id']}"}
        for name, case in cases.items()
        for event in case["events"]
    ]
    return cases, load_rows(tmp_path_factory.mktemp("posthog"), rows)


def averages(wh: warehouse.Warehouse, case: str, bucket: str, condition: str = "true") -> dict:
    """Mean duration of a case's sessions by the bucket in which they start."""
    rows = wh.sql(
        f"select {bucket}, avg(duration_seconds) from user_sessions "
        f"where starts_with(user_id, $case) and {condition} group by all",
        {"case": f"{case}/"},
    ).fetchall()
    return dict(rows)


def test_posthog_average_length(posthog: tuple[dict, warehouse.Warehouse]) -> None:
    cases, wh = posthog
    case = cases["avg_length"]
    window = f"start_time between '{case['window'][0]}' and '{case['window'][1]}'"
    by_day = averages(wh, "avg_length", "start_date::varchar", window)
    assert by_day == case["expected"]["average_duration_by_day"]
    whole = averages(wh, "avg_length", "'all'", window)
    assert whole == {"all": case["expected"]["average_duration_s_all_sessions_in_window"]}
    compared = averages(wh, "compare_periods", "start_date::varchar")
    assert compared == cases["compare_periods"]["expected"]


def test_posthog_average_length_by_month_week_and_hour(
    posthog: tuple[dict, warehouse.Warehouse],
) -> None:
    cases, wh = posthog
    expected = cases["avg_length_interval"]["expected"]
    assert (
        averages(wh, "avg_length_interval", "strftime(start_time, '%Y-%m')")
        == (expected["by_month"])
    )
    sunday = "(date_trunc('week', start_time + interval 1 day) - interval 1 day)::date::varchar"
    by_week = averages(wh, "avg_length_interval", sunday, "start_time < '2012-02-01'")
    assert by_week == expected["by_week_starting_sunday_2012-01-01..2012-02-01"]
    by_hour = averages(
        wh,
        "avg_length_interval",
        "strftime(start_time, '%Y-%m-%dT%H')",
        "start_time >= '2012-03-01'",
    )
    assert by_hour == expected["by_hour"]


@pytest.mark.parametrize("name", ["list_builder_single_user", "list_builder_parallel_users"])
def test_posthog_lists_of_sessions(posthog: tuple[dict, warehouse.Warehouse], name: str) -> None:
    cases, wh = posthog
    wanted = [
        (f"{name}/{s['user']}", utc(s["start"]), utc(s["end"]), s["events"], s["duration_s"])
        for s in cases[name]["expected"]["sessions"]
    ]
    got = wh.sql(
        "select user_id, start_time, end_time, event_count, duration_seconds "
        "from user_sessions where starts_with(user_id, $case)",
        {"case": f"{name}/"},
    ).fetchall()
    assert sorted(got) == sorted(wanted)


def test_posthog_urls_are_entry_and_exit_pages(
    posthog: tuple[dict, warehouse.Warehouse],
) -> None:
    # That test walks back in time: what it calls the start is where the session ended.
    _, wh = posthog
    got = wh.sql(
        "select user_id, entry_page, exit_page from user_sessions "
        "where starts_with(user_id, 'list_builder_urls/') order by start_time desc"
    ).fetchall()
    assert sorted(got) == [
        ("list_builder_urls/1", None, None),
        ("list_builder_urls/2", "/subpage", "/landing"),
    ]


def test_posthog_row_of_the_crosswalk(peer_data: PeerData, tmp_path: Path) -> None:
    file = peer_data("peer-posthog-sessions") / "posthog_sessions.json"
    cases = {case["name"]: case for case in json.loads(file.read_text())["cases"]}
    home = tmp_path / "home"
    for name, case in cases.items():
        rows = [
            event | {"distinct_id": f"{name}/{event['distinct_id']}"} for event in case["events"]
        ]
        if rows:
            load_files(home, write_ndjson(tmp_path / f"{name}.ndjson", rows), source=name)
    build_home(home)
    with warehouse.open(home) as wh:

        def told(name: str, **days: date) -> dict[str, Any]:
            filters = Filters(where={"source": [name]}, **days)
            rows = crosswalk.definitions(wh, filters).to_dicts()
            return {row["definition"]: row for row in rows}["posthog"]

        window = {"start": date(2012, 1, 14), "end": date(2012, 1, 21)}
        expected = cases["avg_length"]["expected"]
        whole = told("avg_length", **window)
        assert whole["session_count"] == expected["sessions_in_window_computed_by_us"]
        wanted = expected["average_duration_s_all_sessions_in_window"]
        assert whole["avg_duration_seconds"] == wanted
        by_day = {
            "avg_length": expected["average_duration_by_day"],
            "compare_periods": cases["compare_periods"]["expected"],
        }
        for name, days in by_day.items():
            for text, seconds in days.items():
                day = date.fromisoformat(text)
                assert told(name, start=day, end=day)["avg_duration_seconds"] == seconds
        for name in ("list_builder_single_user", "list_builder_parallel_users"):
            sessions = cases[name]["expected"]["sessions"]
            row = told(name)
            assert row["session_count"] == len(sessions)
            mean = sum(each["duration_s"] for each in sessions) / len(sessions)
            assert row["avg_duration_seconds"] == pytest.approx(mean)
        assert told("no_events", start=date(2012, 1, 20))["session_count"] == 0


def test_posthog_no_events_are_no_sessions(posthog: tuple[dict, warehouse.Warehouse]) -> None:
    _, wh = posthog
    assert averages(wh, "no_events", "start_date") == {}


def test_edgar_challenge(peer_data: PeerData, tmp_path: Path) -> None:
    folder = peer_data("peer-edgar-example")
    with (folder / "log.csv").open(newline="") as handle:
        log = list(csv.DictReader(handle))
    assert (folder / "inactivity_period.txt").read_text().strip() == "2"
    with (folder / "sessionization_expected.txt").open(newline="") as handle:
        expected = list(csv.reader(handle))
    # Two seconds are 30 minutes when each second counts 900.
    start = utc(f"{log[0]['date']}T{log[0]['time']}+00:00")

    def scaled(text: str) -> datetime:
        return start + (utc(f"{text}+00:00") - start) * 900

    rows = [
        {"user": row["ip"], "time": scaled(f"{row['date']} {row['time']}"), "event": "download"}
        for row in log
    ]
    with load_rows(tmp_path, rows) as wh:
        got = wh.sql(
            "select user_id, start_time, end_time, duration_seconds / 900, event_count "
            "from user_sessions"
        ).fetchall()
    # The challenge counts both ends of a session as a second of it.
    wanted = [
        (ip, scaled(first), scaled(last), int(seconds) - 1, int(documents))
        for ip, first, last, seconds, documents in expected
    ]
    assert sorted(got) == sorted(wanted)


def test_retentioneering_timeouts(peer_data: PeerData, tmp_path: Path) -> None:
    rules = json.loads((peer_data("peer-rules") / "peer_rules.json").read_text())
    for number, case in enumerate(rules["retentioneering"]["cases"]):
        rows = [{"user": u, "event": e, "time": t} for u, e, t in case["events"]]
        folder = tmp_path / str(number)
        folder.mkdir()
        with load_rows(folder, rows, f'timeout = "{case["timeout_s"]} s"') as wh:
            got = wh.sql("select count(*) from user_sessions").fetchall()
        assert got == [(case["expected_sessions"],)]


def test_mwsessions_differs_only_at_a_gap_of_exactly_the_cutoff(
    peer_data: PeerData, tmp_path: Path
) -> None:
    rules = json.loads((peer_data("peer-rules") / "peer_rules.json").read_text())
    case = rules["mwsessions"]
    midnight = utc("2026-03-10T00:00:00+00:00")
    rows = [
        {"user": user, "time": midnight + timedelta(seconds=seconds), "event": "edit"}
        for user, seconds in case["events"]
    ]
    with load_rows(tmp_path, rows, f'timeout = "{case["cutoff_s"]} s"') as wh:
        got = wh.sql(
            "select user_id, "
            "list(epoch(event_time - $midnight::timestamp)::int order by event_time) "
            "from session_events group by user_id, session_id order by user_id, min(event_time)",
            {"midnight": midnight},
        ).fetchall()
    by_user: dict[str, list[list[int]]] = {}
    for user, seconds in got:
        by_user.setdefault(user, []).append(seconds)
    assert by_user == case["expected_by_strictly_greater"]


def test_plausible_visits(peer_data: PeerData, tmp_path: Path) -> None:
    rules = json.loads((peer_data("peer-rules") / "peer_rules.json").read_text())
    one, two, late = (case["expected"] for case in rules["plausible"]["cases"])

    def view(user: str, second: int, page: str) -> dict[str, str]:
        time = f"2026-03-10T12:00:{second:02}Z"
        return {"user": user, "time": time, "event": "pageview", "url": f"https://a.test{page}"}

    rows = [
        view("one", 0, "/a"),
        *(view("two", 0, "/a"), view("two", 10, "/b")),
        *(view("late", 10, "/b"), view("late", 0, "/a")),
        view("a day later", 59, "/") | {"time": "2026-03-11T12:00:00Z"},
    ]
    with load_rows(tmp_path, rows) as wh:
        found = wh.sql(
            "select user_id, is_bounce, duration_seconds, page_view_count, event_count, "
            "entry_page, exit_page from user_sessions"
        ).fetchall()
    by_user = {user: rest for user, *rest in found}
    names = ("is_bounce", "duration_s", "pageviews", "events")
    assert by_user["one"] == [*(one[name] for name in names), "/a", "/a"]
    assert by_user["two"] == [*(two[name] for name in names), "/a", "/b"]
    assert by_user["late"][1] == late["duration_s"]
