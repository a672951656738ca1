"""What is normal for a day or a period, against the same counted in Python."""

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


def of_week(monday, metric):
    days = [monday + timedelta(days=at) for at in range(7)]
    there = [row for row in ROWS if row["start_date"] in days]
    if metric == "session_count":
        return len(there)
    if metric == "user_count":
        return len({row["user_id"] for row in there})
    return mean(row["is_bounce"] for row in there)


@pytest.mark.parametrize("metric", ["session_count", "user_count", "bounce_rate"])
@pytest.mark.parametrize("weeks", [3, 4, 13])
def test_a_week_is_held_against_the_weeks_before_that_the_data_has_whole(wh, metric, weeks):
    # The first of them are before the data.
    monday = FIRST + timedelta(weeks=weeks)
    this = Filters(monday, monday + timedelta(days=6))
    earlier = [this.moved_back(timedelta(weeks=back)) for back in range(8, 0, -1)]
    row = normal.of_period(wh, this, earlier).filter(metric=metric).row(0, named=True)
    known = [of_week(each.start, metric) for each in earlier if each.start >= FIRST]
    assert row["value"] == pytest.approx(of_week(monday, metric))
    assert row["earlier"] == pytest.approx([None] * (8 - len(known)) + known)
    if weeks < 4:
        assert (row["low"], row["high"]) == (None, None)
    else:
        assert row["low"] == pytest.approx(max(mean(known) - 2 * stdev(known), 0))
        high = mean(known) + 2 * stdev(known)
        assert row["high"] == pytest.approx(min(high, 1) if metric == "bounce_rate" else high)


def test_a_period_with_the_running_day_tells_nothing_of_others(wh):
    running = Filters(LAST - timedelta(days=6), LAST)
    frame = normal.of_period(wh, running, [running, None, Filters()])
    assert frame["earlier"].to_list() == [[None, None, None]] * frame.height


def test_a_period_of_an_empty_build(open_build):
    week = Filters(FIRST, LAST)
    row = normal.of_period(open_build([]), week, [week] * 4).row(0, named=True)
    assert row == {**row, "metric": "session_count", "value": 0, "low": None, "high": None}
