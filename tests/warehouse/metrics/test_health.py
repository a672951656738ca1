"""What was loaded and how: each number as plain Python counts it over the files that were given."""

from datetime import date, datetime, timedelta

import pytest

import warehouse
from etl.errors import ConfigError
from tests.make import build_home, load_files, write_ndjson
from tests.warehouse.small_builds import NOON, event, session
from warehouse.metrics import health


def rows_of(user, *times, **more):
    return [{"user": user, "time": f"2026-{at}:00Z", "event": "click", **more} for at in times]


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    """Two sources; of one a file came late, some rows are odd, and two ids stay apart."""
    folder = tmp_path_factory.mktemp("health")
    home = folder / "home"
    first = [
        *rows_of("ann", "03-01 09:00", "03-04 09:00", anonymous_id="tab"),
        *rows_of("tab", "03-02 09:00", "03-02 09:05"),
        {"user": "", "time": "2026-03-01T00:00:00Z"},
        '{"user": "cut',
    ]
    late = [*rows_of("bob", "03-02 10:00", "03-03 10:00"), *rows_of("bob", "03-02 10:00")]
    for name, rows, source in (
        ("first", first, "web"),
        ("late", late, "web"),
        ("app", rows_of("cid", "03-10 10:00"), "app"),
    ):
        load_files(home, write_ndjson(folder / f"{name}.ndjson", rows), source=source)
    build_home(home)
    with warehouse.open(home) as opened:
        yield opened


def test_rows_of_a_source_add_up_and_late_ones_are_told(wh):
    app, web = health.sources(wh).to_dicts()
    assert (app["read_count"], app["loaded_count"], app["late_count"]) == (1, 1, 0)
    assert web["file_count"] == 2
    assert (web["read_count"], web["rejected_count"]) == (9, 2)
    assert web["loaded_count"] + web["duplicate_count"] == 7
    assert web["rejected_rate"] == pytest.approx(2 / 9)
    # All of the second file was older than what the first had brought.
    assert web["late_count"] == 3
    assert web["first_event_time"] == datetime.fromisoformat("2026-03-01 09:00")
    assert web["last_event_time"] == datetime.fromisoformat("2026-03-04 09:00")


def test_coverage_has_every_day_of_a_source_and_marks_the_empty(wh, open_build):
    frame = health.coverage(wh)
    counts = dict(zip(frame["date"].to_list(), frame["event_count"].to_list(), strict=True))
    assert frame.filter(frame["source"] == "web").rows() == [
        ("web", date(2026, 3, 1), 1, False),
        ("web", date(2026, 3, 2), 4, False),
        ("web", date(2026, 3, 3), 1, False),
        ("web", date(2026, 3, 4), 1, False),
    ]
    assert counts[date(2026, 3, 10)] == 1
    assert health.coverage(open_build([])).is_empty()


def test_days_of_sessions_of_one_source_or_several_and_over_midnight(open_build):
    night = NOON + timedelta(hours=11, minutes=50)
    rows = [
        session("ann", NOON - timedelta(days=3)),
        session("bob", night, seconds=1200),
        session("cid", NOON, sources=["app", "web"]),
    ]
    events = [
        *(event(row["session_id"], row["user_id"], row["start_time"]) for row in rows),
        *(event(row["session_id"], row["user_id"], row["end_time"], 2) for row in rows[:2]),
        event(rows[2]["session_id"], "cid", rows[2]["end_time"], 2, source="app"),
    ]
    day = NOON.date()
    nights = [
        {"session_id": rows[1]["session_id"], "event_date": each, "event_count": 1}
        for each in (day, day + timedelta(days=1))
    ]
    wh = open_build(rows, events=events, overnight_days=nights)
    told = [(row[0], (row[1] - day).days, *row[2:]) for row in health.coverage(wh).rows()]
    assert told == [
        ("app", 0, 1, False),
        ("web", -3, 2, False),
        ("web", -2, 0, True),
        ("web", -1, 0, True),
        ("web", 0, 2, False),
        ("web", 1, 1, False),
    ]


def test_unusual_sessions_are_counted_without_bots(open_build):
    rows = [
        session("ann", seconds=0),
        session("bob", seconds=90_000),
        session("cid", seconds=0, event_count=3),
        session("bot", seconds=0, is_bot=True),
    ]
    counts = {"ann": 1, "bob": 2, "cid": 3, "bot": 1}
    users = [
        {"user_id": user, "is_bot": user == "bot", "event_count": count}
        for user, count in counts.items()
    ]
    assert health.unusual(open_build(rows, users=users)).row(0, named=True) == {
        "session_count": 3,
        "suspect_count": 1,
        "zero_second_count": 2,
        "one_event_count": 1,
        "bot_session_count": 1,
        "user_count": 3,
        "one_event_user_count": 1,
    }


def test_heaviest_users_come_by_events_or_sessions(wh):
    frame = health.heaviest(wh)
    assert frame["event_count"].is_sorted(descending=True)
    assert frame["event_share"].sum() == pytest.approx(1)
    assert health.heaviest(wh, order_by="session_count", limit=1).height == 1
    with pytest.raises(ConfigError, match="order"):
        health.heaviest(wh, order_by="name")
    with pytest.raises(ConfigError, match=r"limit is 0\. Wanted: 1 or more"):
        health.heaviest(wh, limit=0)


def test_ids_that_both_log_in_stay_two_and_are_told(wh):
    (row,) = health.unjoined(wh).to_dicts()
    assert (row["anonymous_id"], row["user_id"], row["event_count"]) == ("tab", "ann", 2)


def test_rejected_rows_are_given_as_they_were_received(wh):
    frame = health.rejected_rows(wh)
    assert sorted(frame["line"].to_list()) == [5, 6]
    assert '{"user": "cut' in frame["raw"].to_list()
    one = health.rejected_rows(wh, reason="no user", limit=None)
    assert one["line"].to_list() == [5]
    assert health.rejected_rows(wh, source="app").is_empty()
    assert health.rejected_rows(wh, limit=1, offset=1).equals(frame.slice(1, 1))
    with pytest.raises(ConfigError, match=r"offset is -1\. Wanted: 0 or more"):
        health.rejected_rows(wh, offset=-1)


def test_what_times_were_read_as_is_told(wh):
    rows = {row["source"]: row for row in health.time_shapes(wh).to_dicts()}
    assert rows["web"]["times"] == ["time=written"]
    assert rows["web"]["file_count"] == 2
    assert health.failing(wh).is_empty()


def test_a_home_that_lost_its_lake_has_no_rejected_row(open_build):
    wh = open_build([session("ann")])
    assert health.rejected_rows(wh).is_empty()
    assert health.builds(wh)["reason"].to_list() == ["not known"]
    assert health.builds(wh)["built_at"][0].date() >= date(2026, 1, 1)
