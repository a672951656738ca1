"""The days of a period, and its change against the previous one."""

from datetime import date, timedelta

import pytest

from tests.warehouse.small_builds import NOON, at, session
from warehouse.filters import Filters
from warehouse.metrics import overview
from warehouse.metrics.registry import HEADLINES

DAY = Filters(start=NOON.date(), end=NOON.date())


def test_days_without_sessions_are_told_and_those_to_come_are_not_known(open_build):
    wh = open_build([session("ann"), session("bob", NOON - timedelta(days=2))])
    answer = overview.daily(wh, Filters(start=date(2026, 3, 8), end=date(2026, 3, 11)))
    assert answer["event_date"].to_list() == [date(2026, 3, day) for day in (8, 9, 10, 11)]
    assert answer["session_count"].to_list() == [1, 0, 1, None]
    assert answer["user_count"].to_list() == [1, 0, 1, None]
    assert answer["bounce_rate"].to_list() == [0.0, None, 0.0, None]
    assert answer["is_complete"].to_list() == [True, True, False, False]


def test_each_day_stands_beside_the_same_weekday_of_the_previous_period(open_build):
    week = timedelta(days=7)
    wh = open_build(
        [
            session("ann", NOON - week, seconds=100),
            session("bob", NOON - week, seconds=300),
            session("ann", seconds=50),
        ]
    )
    answer = overview.daily(wh, Filters(start=date(2026, 3, 9), end=date(2026, 3, 10)))
    monday, tuesday = answer.rows(named=True)
    assert tuesday["previous_date"] == date(2026, 3, 3)
    assert tuesday["previous_session_count"] == tuesday["previous_user_count"] == 2
    assert tuesday["previous_avg_duration_seconds"] == 200
    assert tuesday["previous_median_duration_seconds"] == 200
    assert tuesday["previous_bounce_rate"] == 0
    # The data begins on Tuesday the 3rd: of the Monday before nothing is known.
    assert monday["previous_date"] == date(2026, 3, 2)
    assert monday["previous_session_count"] is None


def test_an_open_period_runs_from_the_first_day_to_the_last_without_a_previous_one(
    open_build,
):
    wh = open_build([session("ann"), session("bob", NOON - timedelta(days=9))])
    answer = overview.daily(wh, Filters())
    assert answer.height == 10
    assert answer["session_count"].sum() == 2
    assert answer["previous_session_count"].to_list() == [None] * 10


def test_an_empty_build_has_no_days(open_build):
    assert overview.daily(open_build([]), Filters()).is_empty()
    week = Filters(start=date(2026, 3, 4), end=date(2026, 3, 10))
    assert overview.daily(open_build([]), week)["session_count"].to_list() == [0] * 7


def changes(wh, filters):
    answer = overview.change(wh, filters)
    assert answer["metric"].to_list() == [metric.name for metric in HEADLINES]
    return {row["metric"]: row for row in answer.rows(named=True)}


def test_change_compares_complete_days_with_the_same_weekdays_before(open_build):
    sunday, monday, tuesday = (at(f"2026-03-{day} 12:00") for day in ("08", "09", "10"))
    week = timedelta(days=7)
    wh = open_build(
        [
            session("ann", sunday - week, seconds=100),
            session("bob", monday - week, seconds=10, action_count=1),
            session("cat", tuesday - week),  # The counterpart of the running day.
            session("ann", sunday, seconds=220),
            session("bob", monday, seconds=220),
            session("cat", monday, seconds=220),
            session("dan", tuesday, seconds=0),  # The running day.
        ]
    )
    answer = changes(wh, Filters(start=sunday.date(), end=tuesday.date()))
    sessions = answer["session_count"]
    assert (sessions["value"], sessions["current"], sessions["previous"]) == (4, 3, 2)
    assert sessions["change"] == 0.5
    assert (sessions["change_kind"], sessions["better"]) == ("relative", 1)
    assert answer["avg_duration_seconds"]["change"] == 3.0  # From 55 s to 220 s.
    bounces = answer["bounce_rate"]
    assert (bounces["previous"], bounces["current"], bounces["change"]) == (0.5, 0, -0.5)
    assert (bounces["change_kind"], bounces["better"]) == ("points", -1)
    assert sessions["current_end"] == monday.date()
    assert sessions["previous_start"] == sunday.date() - week
    assert sessions["previous_end"] == monday.date() - week
    assert sessions["is_covered"]


def test_change_is_null_when_the_previous_period_has_no_data(open_build):
    wh = open_build([session("ann"), session("bob", NOON + timedelta(days=1))])
    answer = changes(wh, DAY)
    assert all(row["change"] is None for row in answer.values())
    assert not answer["session_count"]["is_covered"]


def test_change_is_null_when_the_running_day_is_all_there_is(open_build):
    wh = open_build([session("ann"), session("ann", NOON - timedelta(days=7))])
    answer = changes(wh, DAY)
    assert answer["session_count"]["value"] == 1
    assert answer["session_count"]["current"] is None
    assert answer["session_count"]["change"] is None


def test_a_fall_to_nothing_is_told_and_its_rates_are_null(open_build):
    wh = open_build([session("ann", NOON - timedelta(days=7)), session("bob", at("2026-04-01"))])
    answer = changes(wh, DAY)
    assert answer["session_count"]["change"] == -1.0
    assert answer["bounce_rate"]["change"] is None
    assert answer["median_duration_seconds"]["change"] is None


@pytest.mark.parametrize("filters", [Filters(), Filters(start=date(2026, 3, 1))])
def test_an_open_period_has_values_and_no_change(open_build, filters):
    answer = changes(open_build([session("ann")]), filters)
    assert answer["session_count"]["value"] == 1
    assert answer["session_count"]["change"] is None


def test_change_of_an_empty_build_has_its_rows_and_types(open_build):
    answer = overview.change(open_build([]), DAY)
    assert answer["value"].to_list()[0] == 0
    assert str(answer.schema["change"]) == "Float64"
    assert str(answer.schema["previous_end"]) == "Date"
