"""The days of the presets."""

from __future__ import annotations

from datetime import date

import pytest

from pages.ui.periods import DEFAULT_PERIOD, PERIODS, days_of, last_day

FIRST, LAST = date(2009, 9, 28), date(2026, 11, 21)
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("1", TODAY, TODAY),
        ("yesterday", date(2026, 11, 19), date(2026, 11, 19)),
        ("7", date(2026, 11, 14), TODAY),
        ("30", date(2026, 10, 22), TODAY),
        ("90", date(2026, 8, 23), TODAY),
        ("12m", date(2025, 11, 21), TODAY),
        ("all", FIRST, LAST),
    ],
)
def test_a_preset_ends_today_and_all_time_with_the_data(period, start, end):
    days = days_of(period, TODAY, FIRST, LAST)
    assert (days.start, days.end) == (start, end)


@pytest.mark.parametrize(
    ("today", "start"),
    [
        (date(2028, 2, 29), date(2027, 3, 1)),
        (date(2027, 2, 28), date(2026, 3, 1)),
        (date(2026, 12, 31), date(2026, 1, 1)),
    ],
)
def test_twelve_months_are_as_long_as_the_calendar_says(today, start):
    assert days_of("12m", today, FIRST, LAST).start == start


def test_all_time_of_data_that_ended_goes_to_the_day_of_as_of():
    assert days_of("all", TODAY, FIRST, date(2016, 3, 5)).end == TODAY


def test_every_preset_has_days():
    assert DEFAULT_PERIOD in PERIODS
    for period in PERIODS.keys() - {"custom"}:
        assert days_of(period, TODAY, FIRST, LAST).day_count


@pytest.mark.parametrize(
    ("start", "grain", "last"),
    [
        (date(2026, 3, 31), "day", date(2026, 3, 31)),
        (date(2026, 3, 30), "week", date(2026, 4, 5)),
        (date(2026, 2, 1), "month", date(2026, 2, 28)),
        (date(2026, 12, 1), "month", date(2026, 12, 31)),
    ],
)
def test_a_period_ends_by_its_grain(start, grain, last):
    assert last_day(start, grain) == last
