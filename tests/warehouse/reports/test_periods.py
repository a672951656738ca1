"""The days that a report is of, and those before."""

from datetime import date

import pytest

from etl.errors import ConfigError
from warehouse.filters import Filters
from warehouse.reports import periods
from warehouse.reports.periods import Period


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2026-W47", date(2026, 11, 16)),
        ("2026w47", date(2026, 11, 16)),
        ("2026-W1", date(2025, 12, 29)),
        ("2020-W53", date(2020, 12, 28)),
    ],
)
def test_a_week_is_the_one_of_the_calendar(text, start):
    week = periods.week_of(text)
    assert (week.start, (week.end - week.start).days) == (start, 6)
    assert week.unit == "week"


@pytest.mark.parametrize("text", ["2026-W54", "47", "2026-11", "", "2026-W0", "1234-W05", "W47"])
def test_what_is_no_week_is_refused(text):
    with pytest.raises(ConfigError):
        periods.week_of(text)


@pytest.mark.parametrize("text", ["2026-13", "2026", "", "2026-11-01", "0001-01"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ConfigError):
        periods.month_of(text)


@pytest.mark.parametrize(
    ("running", "monday"),
    [
        (date(2026, 11, 22), date(2026, 11, 9)),  # A Sunday runs: its week is not over.
        (date(2026, 11, 23), date(2026, 11, 16)),
        (date(2026, 11, 24), date(2026, 11, 16)),
    ],
)
def test_the_last_week_is_the_last_that_is_over(running, monday):
    assert periods.last_week(running).start == monday


def test_the_last_month_and_days_are_over():
    assert periods.last_month(date(2026, 3, 1)) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert periods.last_days(3, date(2026, 3, 2)) == Period(date(2026, 2, 27), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("period", "last_before"),
    [
        (Period(date(2026, 11, 16), date(2026, 11, 22)), (date(2026, 11, 9), date(2026, 11, 15))),
        # All of the month before, whichever is longer.
        (Period(date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 2, 1), date(2026, 2, 28))),
        (Period(date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 1, 1), date(2026, 1, 31))),
        # Other days go back by whole weeks.
        (Period(date(2026, 11, 10), date(2026, 11, 19)), (date(2026, 10, 27), date(2026, 11, 5))),
    ],
)
def test_the_period_before_is_a_like_one(period, last_before):
    earlier = period.earlier(Filters())
    assert len(earlier) == 8
    assert (earlier[-1].start, earlier[-1].end) == last_before
    starts = [each.start for each in earlier]
    assert starts == sorted(starts)


def test_a_month_that_is_not_over_meets_as_many_days_of_the_month_before():
    month = Period(date(2026, 3, 1), date(2026, 3, 31))
    compared = month.compared(Filters(month.start, month.end), date(2026, 3, 11))
    assert (compared.start, compared.end) == (date(2026, 2, 1), date(2026, 2, 10))


def test_before_any_event_there_is_nothing():
    assert Period(date(1970, 1, 5), date(1970, 1, 11)).earlier(Filters()) == [None] * 8
