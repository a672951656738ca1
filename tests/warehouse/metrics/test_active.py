from datetime import date, timedelta

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import NOON, event, session
from warehouse.filters import Filters
from warehouse.metrics import active

MINUTE = timedelta(minutes=1)
ALL = Filters()


def seen(user, minutes_ago, **others):
    """An open session whose last event lies so many minutes before noon."""
    return session(user, NOON - minutes_ago * MINUTE, seconds=0, is_open=True, **others)


def test_live_reaches_five_minutes_back_and_open_as_far_as_the_session(open_build):
    wh = open_build(
        [
            seen("ann", 0),
            seen("ann", 1, session_id="another"),
            seen("bob", 5),  # Exactly five minutes is live.
            seen("cat", 6),
            session("dan", NOON, seconds=0),  # Logged out.
            seen("bot", 0, is_bot=True),
        ],
        as_of=NOON,
    )
    answer = active.totals(wh, ALL).row(0, named=True)
    assert answer == {
        "live_user_count": 2,
        "live_session_count": 3,
        "open_user_count": 3,
        "open_session_count": 4,
        "as_of": NOON,
    }


def test_the_live_window_is_that_of_the_build(open_build):
    wh = open_build(
        [seen("ann", 8)],
        as_of=NOON,
        settings=[{"name": "live_window", "value": "10 min"}],
    )
    assert active.totals(wh, ALL)["live_user_count"].item() == 1


def test_dates_are_passed_over_and_the_other_filters_are_not(open_build):
    wh = open_build([seen("ann", 0), seen("bob", 0, device_type=None)], as_of=NOON)
    long_ago = Filters(start=date(2020, 1, 1), end=date(2020, 1, 2), devices=("unknown",))
    assert active.totals(wh, long_ago)["open_user_count"].item() == 1
    assert active.sessions(wh, long_ago)["user_id"].to_list() == ["bob"]


def test_open_sessions_are_listed_by_last_activity(open_build):
    row = session("ann", NOON - 60 * MINUTE, seconds=55 * 60, is_open=True, exit_page="/pay")
    wh = open_build([seen("bob", 10), row], as_of=NOON)
    answer = active.sessions(wh, ALL)
    assert answer.columns == [
        "session_id",
        "user_id",
        "start_time",
        "end_time",
        "idle_seconds",
        "duration_seconds",
        "is_live",
        "event_count",
        "action_count",
        "error_count",
        "exit_page",
        "device_type",
        "model_group",
        "session_number",
    ]
    assert answer.select("user_id", "idle_seconds", "is_live", "exit_page").rows() == [
        ("ann", 300.0, True, "/pay"),
        ("bob", 600.0, False, None),
    ]


def test_a_clock_ahead_is_not_idle_for_less_than_nothing(open_build):
    wh = open_build([seen("ann", -3)], as_of=NOON)
    assert active.sessions(wh, ALL)["idle_seconds"].to_list() == [0.0]


def test_activity_fills_its_gaps_and_ends_at_as_of(open_build):
    rows = [seen("ann", 0, session_id="a"), seen("bob", 0, session_id="b")]
    times = [("a", "ann", 14), ("a", "ann", 11), ("b", "bob", 11), ("a", "ann", 0)]
    wh = open_build(
        rows,
        events=[
            event(session_id, user, NOON - minutes * MINUTE, number)
            for number, (session_id, user, minutes) in enumerate(times)
        ],
        as_of=NOON,
    )
    answer = active.activity(wh, ALL, minutes=20, bucket=5)
    assert answer.columns == ["bucket_start", "user_count", "event_count"]
    assert answer.rows() == [
        (NOON - 15 * MINUTE, 2, 3),
        (NOON - 10 * MINUTE, 0, 0),
        (NOON - 5 * MINUTE, 0, 0),
        (NOON, 1, 1),
    ]


def test_activity_of_two_hours_has_a_bucket_for_each_five_minutes(open_build):
    assert active.activity(open_build([seen("ann", 0)]), ALL).height == 24


@pytest.mark.parametrize(("minutes", "bucket"), [(10, 0), (10, 11), (0, 5)])
def test_buckets_that_do_not_fit_are_refused(open_build, minutes, bucket):
    with pytest.raises(ConfigError, match="do not fit"):
        active.activity(open_build([]), ALL, minutes=minutes, bucket=bucket)


def test_nobody_is_active_in_an_empty_build(open_build):
    wh = open_build([])
    assert active.totals(wh, ALL).rows() == [(0, 0, 0, 0, None)]
    assert active.sessions(wh, ALL).is_empty()
    assert active.activity(wh, ALL).is_empty()
