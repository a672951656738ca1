from datetime import date, timedelta

import pytest

from etl.errors import ConfigError
from tests.warehouse.dimension_rows import sessions_with, two_values
from tests.warehouse.small_builds import NOON, at, event, session
from warehouse.filters import Filters
from warehouse.metrics import overview

DAY = Filters(start=NOON.date(), end=NOON.date())


def totals(wh, filters=DAY):
    return overview.totals(wh, filters).row(0, named=True)


def test_totals_of_a_small_day_are_those_worked_out_by_hand(open_build):
    wh = open_build(
        [
            session("ann", seconds=0, session_number=1, is_abandoned=True),
            session("bob", seconds=100, error_count=2, action_count=5, is_abandoned=False),
            session("bob", NOON + timedelta(hours=1), seconds=200, action_count=3),
            session("cat", seconds=300, is_open=True, error_count=1, is_abandoned=False),
        ]
    )
    answer = totals(wh)
    assert answer == {
        "session_count": 4,
        "closed_session_count": 3,
        "open_session_count": 1,
        "user_count": 3,
        "new_user_count": 1,
        "avg_duration_seconds": 150.0,  # (0 + 100 + 200 + 300) / 4
        "avg_duration_seconds_multi": 200.0,  # (100 + 200 + 300) / 3
        "median_duration_seconds": 150.0,
        "p90_duration_seconds": pytest.approx(270.0),  # 0.7 of the way from 200 to 300
        "avg_engaged_seconds": 22.5,  # (0 + 30 + 30 + 30) / 4
        "actions_per_session": 2.75,  # (1 + 5 + 3 + 2) / 4
        "bounce_rate": pytest.approx(1 / 3),  # ann, of three closed
        "error_rate": pytest.approx(1 / 3),  # bob's first; cat is still open
        "abandonment_rate": 0.5,  # ann, of two closed ones with queries
        "one_event_session_count": 1,
        "one_event_session_rate": pytest.approx(1 / 3),
        "suspect_session_count": 0,
    }


def test_without_sessions_counts_are_zero_and_all_else_is_null(open_build):
    answer = totals(open_build([]))
    for name, value in answer.items():
        assert value == (0 if name.endswith("_count") else None), name


def test_an_open_session_is_in_no_rate(open_build):
    answer = totals(open_build([session("ann", is_open=True)]))
    assert answer["session_count"] == 1
    rates = ("bounce_rate", "error_rate", "abandonment_rate", "one_event_session_rate")
    assert [answer[rate] for rate in rates] == [None] * 4


def test_a_suspect_session_is_counted_and_in_no_duration(open_build):
    answer = totals(open_build([session("ann", seconds=60), session("bob", seconds=90_000)]))
    assert (answer["session_count"], answer["suspect_session_count"]) == (2, 1)
    assert answer["avg_duration_seconds"] == answer["median_duration_seconds"] == 60
    assert answer["avg_engaged_seconds"] == 30


def test_a_stream_without_queries_is_in_no_abandonment_rate(open_build):
    rows = [session("ann", is_abandoned=None), session("bob", is_abandoned=True)]
    assert totals(open_build(rows))["abandonment_rate"] == 1.0


@pytest.mark.parametrize(
    ("filters", "users"),
    [
        pytest.param(Filters(sources=("app",)), {"bob", "cat"}, id="any of its sources"),
        pytest.param(Filters(sources=("app", "web")), {"ann", "bob", "cat"}, id="either"),
        pytest.param(Filters(sources=("none",)), set(), id="an unknown source"),
        pytest.param(Filters(devices=("mobile",)), {"bob"}, id="one device"),
        pytest.param(Filters(devices=("unknown",)), {"cat"}, id="no device known"),
        pytest.param(Filters(devices=("unknown", "mobile")), {"bob", "cat"}, id="both"),
        pytest.param(Filters(include_bots=True), {"ann", "bob", "cat", "bot"}, id="bots"),
    ],
)
def test_filters_take_the_sessions_that_they_name(open_build, filters, users):
    wh = open_build(
        [
            session("ann"),
            session("bob", sources=["app", "web"], device_type="mobile"),
            session("cat", sources=["app"], device_type=None),
            session("bot", sources=["bots"], is_bot=True, device_type="bot"),
        ]
    )
    answer = totals(wh, filters)
    assert (answer["session_count"], answer["user_count"]) == (len(users), len(users))


def test_a_user_counts_on_each_day_of_events_and_a_session_on_that_of_its_start(open_build):
    late = session("ann", at("2026-03-09 23:50"), seconds=1200)
    wh = open_build([late, session("bob")])
    answer = totals(wh)
    assert (answer["session_count"], answer["user_count"]) == (1, 2)
    both = Filters(start=date(2026, 3, 9), end=date(2026, 3, 10))
    daily = overview.daily(wh, both)
    assert daily["session_count"].to_list() == [1, 1]
    assert daily["user_count"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("time_zone", "start", "start_date", "next_date"),
    [
        ("Asia/Tokyo", "2026-03-10 14:50", date(2026, 3, 10), date(2026, 3, 11)),
        ("America/New_York", "2026-03-11 03:50", date(2026, 3, 10), date(2026, 3, 11)),
        ("Europe/Berlin", "2026-07-10 21:50", date(2026, 7, 10), date(2026, 7, 11)),
        ("Europe/Berlin", "2026-01-10 22:50", date(2026, 1, 10), date(2026, 1, 11)),
        ("Pacific/Kiritimati", "2026-03-10 09:50", date(2026, 3, 10), date(2026, 3, 11)),
    ],
)
def test_a_session_over_local_midnight_counts_its_user_on_the_next_day(
    open_build, time_zone, start, start_date, next_date
):
    row = session("ann", at(start), seconds=1200, start_date=start_date, end_date=next_date)
    events = [
        event(row["session_id"], "ann", row["start_time"], 1, event_date=start_date),
        event(row["session_id"], "ann", row["end_time"], 2, event_date=next_date),
    ]
    wh = open_build([row], events=events, time_zone=time_zone)
    answer = totals(wh, Filters(start=next_date, end=next_date))
    assert (answer["session_count"], answer["user_count"]) == (0, 1)


def test_the_left_out_are_counted(open_build):
    wh = open_build(
        [
            session("ann", is_open=True),
            session("bob", seconds=90_000),
            session("bot", is_bot=True, is_open=True, seconds=90_000),
            session("old", at("2026-01-01"), is_bot=True),
        ]
    )
    answer = overview.left_out(wh, DAY)
    assert answer.columns == [
        "bot_session_count",
        "suspect_session_count",
        "open_session_count",
    ]
    assert answer.rows() == [(1, 1, 1)]
    with_bots = Filters(DAY.start, DAY.end, include_bots=True)
    assert overview.left_out(wh, with_bots).rows() == [(1, 2, 2)]


def test_a_breakdown_lists_the_largest_and_sums_up_the_rest(open_build):
    pages = ["/a", "/b", "/b", "/c", "/c", None, "/d"]
    wh = open_build(
        [
            session(f"u{n}", entry_page=page, seconds=10 * n, action_count=1)
            for n, page in enumerate(pages)
        ]
    )
    answer = overview.breakdown(wh, DAY, "entry_page", limit=3)
    assert answer.columns == [
        "value",
        "session_count",
        "session_rate",
        "bounce_rate",
        "median_duration_seconds",
        "is_other",
    ]
    assert answer.rows() == [
        ("/b", 2, pytest.approx(2 / 7), 1.0, 15.0, False),  # u1 and u2: 10 s and 20 s
        ("/c", 2, pytest.approx(2 / 7), 0.0, 35.0, False),  # u3 and u4: 30 s is no bounce
        ("/a", 1, pytest.approx(1 / 7), 1.0, 0.0, False),
        ("Other", 2, pytest.approx(2 / 7), 0.0, 55.0, True),  # nothing known, and /d
    ]


def test_an_unknown_value_stays_null_and_comes_after_its_equals(open_build):
    wh = open_build([session("ann", browser=None), session("bob", browser="Zen")])
    answer = overview.breakdown(wh, DAY, "browser")
    assert answer["value"].to_list() == ["Zen", None]
    assert answer["is_other"].to_list() == [False, False]


def test_a_page_called_other_is_not_the_rest(open_build):
    rows = [session("ann", entry_page="Other"), session("bob", entry_page="a")]
    answer = overview.breakdown(open_build(rows), DAY, "entry_page", limit=1)
    assert answer.select("value", "session_count", "is_other").rows() == [
        ("Other", 1, False),
        ("Other", 1, True),
    ]


@pytest.mark.parametrize("dimension", overview.DIMENSIONS, ids=lambda dimension: dimension.name)
def test_every_dimension_reads_its_own_column(open_build, dimension):
    value, _ = two_values(dimension)
    wh = open_build(**sessions_with(dimension, {"ann": value}))
    answer = overview.breakdown(wh, Filters(), dimension.name)
    assert answer["value"].to_list() == [value]


def test_an_unknown_dimension_is_refused_with_a_hint(open_build):
    with pytest.raises(ConfigError, match="Did you mean 'entry_page'"):
        overview.breakdown(open_build([]), DAY, "entry_pages")


def test_a_breakdown_of_nothing_has_no_rows(open_build):
    assert overview.breakdown(open_build([]), DAY, "os").is_empty()
