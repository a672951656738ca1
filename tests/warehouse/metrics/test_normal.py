"""What is normal for a day, against the same counted in Python."""

from datetime import date, timedelta
from statistics import mean, stdev

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import at, session
from warehouse.filters import Filters
from warehouse.metrics import normal, overview

# Some sessions on every day of sixteen weeks from a Monday on, but on none of the 20th; as of is
# the running Sunday.
FIRST, LAST = date(2026, 3, 2), date(2026, 6, 21)
ROWS = [
    session(f"user {again}", at(f"{day} 12:00"), seconds=20 + 7 * (number % 5), action_count=1)
    for number, day in enumerate(FIRST + timedelta(days=n) for n in range(112))
    if number != 19
    for again in range(1 + (number * number) % 6)
]


@pytest.fixture(scope="module")
def wh(open_shared_build):
    return open_shared_build(ROWS, as_of=at("2026-06-21 13:00"))


def of_day(day, metric):
    there = [row for row in ROWS if row["start_date"] == day]
    if day > LAST:
        return None
    if metric == "session_count":
        return len(there)
    if metric == "user_count":
        return len({row["user_id"] for row in there})
    return mean(row["is_bounce"] for row in there) if there else None


def band(day, metric):
    """Mean less and more two standard deviations of the eight same weekdays before."""
    days = [day - timedelta(weeks=week) for week in range(1, 9)]
    told = [of_day(before, metric) for before in days if FIRST <= before < LAST]
    known = [value for value in told if value is not None]
    if len(known) < 4:
        return None, None
    low, high = (mean(known) + way * 2 * stdev(known) for way in (-1, 1))
    return max(low, 0), min(high, 1) if metric == "bounce_rate" else high


@pytest.mark.parametrize("metric", ["session_count", "user_count", "bounce_rate"])
@pytest.mark.parametrize(
    ("start", "end"), [(date(2026, 3, 25), date(2026, 4, 5)), (date(2026, 6, 8), date(2026, 6, 24))]
)
def test_the_band_is_that_of_the_same_weekdays_before(wh, metric, start, end):
    frame = normal.band(wh, Filters(start, end), (metric,))
    days = [start + timedelta(days=at) for at in range((end - start).days + 1)]
    assert frame["period_start"].to_list() == days
    for row in frame.iter_rows(named=True):
        low, high = band(row["period_start"], metric)
        assert row[metric] == pytest.approx(of_day(row["period_start"], metric))
        assert row[f"{metric}_low"] == pytest.approx(low)
        assert row[f"{metric}_high"] == pytest.approx(high)


def test_three_days_are_too_few_and_four_are_enough(wh):
    frame = normal.band(wh, Filters(date(2026, 3, 29), date(2026, 3, 30)))
    assert frame["session_count_low"].is_null().to_list() == [True, False]


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("filters", [Filters(date(2026, 5, 6), LAST), Filters()])
def test_values_are_those_of_the_series(wh, grain, filters):
    frame = normal.band(wh, filters, ("bounce_rate",), grain)
    told = overview.series(wh, filters, "bounce_rate", grain)
    assert frame["period_start"].to_list() == told["period_start"].to_list()
    assert frame["is_complete"].to_list() == told["is_complete"].to_list()
    assert frame["bounce_rate"].to_list() == pytest.approx(told["value"].to_list())
    assert (frame["bounce_rate_high"].null_count() == frame.height) is (grain != "day")


def test_the_band_of_an_empty_build(open_build):
    assert normal.band(open_build([]), Filters()).is_empty()


@pytest.mark.parametrize(("metrics", "grain"), [(("sessions",), "day"), (("user_count",), "hour")])
def test_what_is_not_known_is_refused(wh, metrics, grain):
    with pytest.raises(ConfigError, match="Unknown"):
        normal.band(wh, Filters(), metrics, grain)
