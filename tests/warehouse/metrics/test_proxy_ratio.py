"""What sessions of tables stand for: how often the band holds what it has not seen."""

from datetime import date, timedelta
from random import Random

import pytest

from warehouse.metrics.proxy_ratio import LEAST_DAYS, learned, told


def days_of(rng, count, found):
    """So many days: tracked sessions, and how many of them left a row."""
    days = []
    for number in range(count):
        mean = rng.uniform(40, 120)
        tracked = max(0, round(rng.gauss(mean, mean**0.5)))
        days.append(day(number, tracked, sum(rng.random() < found for _ in range(tracked))))
    return days


def day(number, tracked, rows):
    return date(2026, 3, 2) + timedelta(days=number), tracked, rows


# Of four weeks the days are looked at, of nine the weeks.
@pytest.mark.parametrize("known", [28, 63])
def test_the_band_holds_in_nineteen_of_twenty_weeks_that_it_has_not_seen(known):
    rng, held, worlds = Random(5), 0, 700
    for _ in range(worlds):
        found = rng.uniform(0.2, 0.8)
        week = days_of(rng, 7, found)
        rows = sum(rows for *_, rows in week)
        _, low, high = told(learned(days_of(rng, known, found)), rows)
        held += low <= sum(tracked for _, tracked, _ in week) <= high
    assert 0.93 <= held / worlds <= 0.97


@pytest.mark.parametrize(
    "days",
    [
        pytest.param([day(n, 10, 5) for n in range(LEAST_DAYS - 1)], id="too few days"),
        pytest.param([day(n, 10, 0) for n in range(LEAST_DAYS)], id="no session of rows"),
    ],
)
def test_nothing_is_learned_from(days):
    assert learned(days) is None
    assert told(None, 5) == (None, None, None)


def test_days_that_are_all_alike_leave_no_doubt():
    assert told(learned([day(n, 10, 5) for n in range(20)]), 7) == (14, 14, 14)
