"""Series by day, week and month, and comparisons, against the same counted in Python."""

from datetime import date, timedelta
from statistics import fmean

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import at, session
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, overview

# Every second day of half a year, a few sessions; as of is the 10th of June, a Wednesday.
STARTS = [at("2026-01-01 12:00") + timedelta(days=2 * number) for number in range(81)]
ROWS = [
    session(f"user {number % 7} {again}", start, seconds=60 + number, browser="Zen")
    for number, start in enumerate(STARTS)
    for again in range(1 + number % 3)
]
# And one on a 31st, which the month after does not have.
ROWS.append(session("user 31", at("2026-03-31 12:00"), seconds=60, browser="Zen"))


@pytest.fixture(scope="module")
def wh(open_shared_build):
    return open_shared_build(ROWS, as_of=at("2026-06-10 13:00"))


def start_of(day, grain):
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 4, 1), date(2026, 5, 31)),
        (date(2026, 5, 11), date(2026, 6, 10)),
        (date(2026, 5, 6), date(2026, 5, 6)),
    ],
)
def test_values_are_those_of_the_sessions_that_began_there(wh, grain, start, end):
    taken = [row for row in ROWS if start <= row["start_date"] <= end]
    frames = {
        name: overview.series(wh, Filters(start, end), name, grain)
        for name in ("session_count", "user_count", "avg_duration_seconds")
    }
    for row in frames["session_count"].iter_rows(named=True):
        there = [r for r in taken if start_of(r["start_date"], grain) == row["period_start"]]
        assert row["value"] == len(there)
    for name, measure in (
        ("user_count", lambda there: len({r["user_id"] for r in there})),
        (
            "avg_duration_seconds",
            lambda there: fmean(r["duration_seconds"] for r in there) if there else None,
        ),
    ):
        for row in frames[name].iter_rows(named=True):
            there = [r for r in taken if start_of(r["start_date"], grain) == row["period_start"]]
            assert row["value"] == pytest.approx(measure(there))
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    starts = frames["session_count"]["period_start"].to_list()
    assert starts == sorted({start_of(day, grain) for day in days})


def test_a_week_is_compared_with_the_week_so_many_before(wh):
    frame = overview.series(
        wh, Filters(date(2026, 5, 4), date(2026, 5, 17)), "session_count", "week"
    )
    for row, monday in zip(
        frame.iter_rows(named=True), (date(2026, 4, 20), date(2026, 4, 27)), strict=True
    ):
        week = (monday, monday + timedelta(days=6))
        assert row["previous_value"] == sum(week[0] <= r["start_date"] <= week[1] for r in ROWS)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        pytest.param(date(2026, 4, 1), date(2026, 5, 31), (2, 3), id="as many"),
        pytest.param(date(2026, 4, 1), date(2026, 4, 30), (3,), id="April meets 31 days"),
        pytest.param(date(2026, 2, 1), date(2026, 2, 28), (1,), id="February meets 31 days"),
    ],
)
@pytest.mark.parametrize("compare", ["weekday", "previous"])
def test_months_are_compared_with_whole_months_before(wh, compare, start, end, months):
    frame = overview.series(wh, Filters(start, end), "session_count", "month", compare)
    before = [sum(r["start_date"].month == month for r in ROWS) for month in months]
    assert frame["previous_value"].to_list() == before
    assert frame["is_complete"].all()


def test_february_is_compared_with_the_29_days_of_a_leap_year_before(open_build):
    starts = [at("2024-01-01 12:00") + timedelta(days=day) for day in range(500)]
    wh = open_build([session("ann", start) for start in starts], as_of=at("2025-06-01"))
    february = Filters(date(2025, 2, 1), date(2025, 2, 28))
    frame = overview.series(wh, february, "session_count", "month", "year")
    assert frame["previous_value"].to_list() == [29]


def test_a_month_that_is_cut_short_is_compared_with_the_same_dates(wh):
    cut = Filters(date(2026, 4, 1), date(2026, 4, 29))
    frame = overview.series(wh, cut, "session_count", "month")
    same = [r for r in ROWS if date(2026, 3, 1) <= r["start_date"] <= date(2026, 3, 29)]
    assert frame["previous_value"].to_list() == [len(same)]


def test_nothing_is_told_of_days_before_the_data(wh):
    frame = overview.series(wh, Filters(date(2026, 1, 1), date(2026, 1, 10)), "session_count")
    assert frame["previous_value"].to_list() == [None] * 10
    assert overview.series(wh, Filters(), "session_count")["previous_value"].null_count() == 161


def test_what_is_cut_or_still_running_is_not_complete(wh):
    filters = Filters(date(2026, 5, 20), date(2026, 6, 10))
    frame = overview.series(wh, filters, "session_count", "week")
    assert frame["is_complete"].to_list() == [False, True, True, False]
    assert overview.series(wh, filters, "session_count")["is_complete"].to_list() == [
        *([True] * 21),
        False,
    ]


@pytest.mark.parametrize(("grain", "known"), [("day", 1), ("week", 1), ("month", 1)])
@pytest.mark.parametrize("metric", ["session_count", "user_count", "bounce_rate"])
def test_what_comes_after_the_running_day_is_not_known(wh, grain, known, metric):
    running = wh.as_of_date
    later = Filters(start=running, end=running + timedelta(days=70))
    values = overview.series(wh, later, metric, grain)["value"]
    assert values.len() > known
    assert values[known:].null_count() == values.len() - known


def test_series_of_an_empty_build(open_build):
    wh = open_build([])
    assert overview.series(wh, Filters(), "session_count", "month").is_empty()
    frame = overview.series(wh, Filters(date(2026, 5, 1), date(2026, 5, 2)), "bounce_rate")
    assert frame["value"].to_list() == [None, None]


# Compared with it, the first of: days from 15 May; weeks from 4 May; months from April.
FIRST_BEFORE = {
    "none": (None, None, None),
    "weekday": (date(2026, 5, 1), date(2026, 4, 20), date(2026, 2, 1)),
    "previous": (date(2026, 5, 5), date(2026, 4, 20), date(2026, 2, 1)),
    "year": (date(2025, 5, 15), date(2025, 5, 5), date(2025, 4, 1)),
    "other": (date(2026, 3, 3), date(2026, 3, 2), date(2026, 3, 1)),
}
OTHER = Filters(date(2026, 3, 3), date(2026, 3, 11))


@pytest.mark.parametrize("compare", FIRST_BEFORE)
@pytest.mark.parametrize(
    ("grain", "start", "end"),
    [
        ("day", date(2026, 5, 15), date(2026, 5, 24)),
        ("week", date(2026, 5, 4), date(2026, 5, 17)),
        ("month", date(2026, 4, 1), date(2026, 5, 31)),
    ],
)
def test_each_period_stands_beside_its_own_of_the_compared_one(wh, compare, grain, start, end):
    asked = OTHER if compare == "other" else compare
    frame = overview.series(wh, Filters(start, end), "session_count", grain, asked)
    first = FIRST_BEFORE[compare][("day", "week", "month").index(grain)]
    assert frame["previous_value"].to_list() == counted_from(first, grain, frame.height, compare)


def counted_from(first, grain, many, compare):
    """Sessions of so many days, weeks or months from that one; none of before the data."""
    counts = []
    for number in range(many):
        if first is None:
            counts.append(None)
            continue
        start = {
            "day": lambda at: first + timedelta(days=at),
            "week": lambda at: first + timedelta(weeks=at),
            "month": lambda at: first.replace(month=first.month + at),
        }[grain](number)
        there = [r["start_date"] for r in ROWS if start_of(r["start_date"], grain) == start]
        if compare == "other":
            there = [day for day in there if OTHER.start <= day <= OTHER.end]
        is_told = start >= date(2026, 1, 1) and (compare != "other" or start <= OTHER.end)
        counts.append(len(there) if is_told else None)
    return counts


@pytest.mark.parametrize("compare", FIRST_BEFORE)
def test_each_day_stands_beside_its_day_of_the_compared_period(wh, compare):
    asked = OTHER if compare == "other" else compare
    frame = overview.daily(wh, Filters(date(2026, 5, 15), date(2026, 5, 24)), asked)
    first = FIRST_BEFORE[compare][0]
    counts = counted_from(first, "day", 10, compare)
    assert frame["previous_session_count"].to_list() == counts
    if compare not in ("none", "other"):
        dates = [first + timedelta(days=at) for at in range(10)]
        assert frame["previous_date"].to_list() == dates
    assert frame.columns == overview.daily(wh, Filters()).columns


def test_a_period_that_ends_before_the_data_has_no_rows_while_it_is_open(wh):
    before = Filters(end=date(2025, 12, 1))
    assert overview.series(wh, before, "session_count").is_empty()
    assert overview.daily(wh, before).is_empty()


@pytest.mark.parametrize(
    ("compare", "start", "end"),
    [
        ("weekday", date(2026, 5, 1), date(2026, 5, 10)),
        ("previous", date(2026, 5, 5), date(2026, 5, 14)),
        ("year", date(2025, 5, 15), date(2025, 5, 24)),
        ("none", None, None),
        (Filters(date(2026, 3, 1), date(2026, 3, 10)), date(2026, 3, 1), date(2026, 3, 10)),
    ],
)
def test_change_compares_with_the_period_that_is_asked_for(wh, compare, start, end):
    frame = overview.change(wh, Filters(date(2026, 5, 15), date(2026, 5, 24)), compare)
    row = frame.row(0, named=True)
    assert (row["previous_start"], row["previous_end"]) == (start, end)
    wanted = None
    if start is not None:
        wanted = sum(start <= r["start_date"] <= end for r in ROWS)
    assert row["previous"] == wanted
    assert row["current"] == sum(
        date(2026, 5, 15) <= r["start_date"] <= date(2026, 5, 24) for r in ROWS
    )
    assert (row["change"] is None) is (not wanted)
    assert row["difference"] == (None if wanted is None else row["current"] - wanted)


def test_change_against_a_year_before_meets_leap_days(wh):
    leap = Filters(date(2024, 2, 29), date(2024, 2, 29))
    assert leap.shift("year") == 366
    row = overview.change(wh, leap, "year").row(0, named=True)
    assert row["previous_start"] == date(2023, 2, 28)


@pytest.mark.parametrize(
    ("period", "as_of", "current_end", "previous"),
    [
        pytest.param(
            (date(2024, 1, 1), date(2024, 12, 31)),
            *("2025-06-01", date(2024, 12, 31), (date(2023, 1, 1), date(2023, 12, 31))),
            id="a leap year meets a year",
        ),
        pytest.param(
            (date(2025, 1, 1), date(2025, 12, 31)),
            *("2026-01-01", date(2025, 12, 31), (date(2024, 1, 1), date(2024, 12, 31))),
            id="a year meets a leap year",
        ),
        pytest.param(
            (date(2025, 2, 1), date(2025, 3, 31)),
            *("2025-06-01", date(2025, 3, 31), (date(2024, 2, 1), date(2024, 3, 31))),
            id="over the leap day",
        ),
        pytest.param(
            (date(2024, 2, 1), date(2024, 3, 1)),
            *("2024-03-01 12:00", date(2024, 2, 29), (date(2023, 2, 1), date(2023, 2, 28))),
            id="the 29th is the last complete day",
        ),
        pytest.param(
            (date(2025, 2, 1), date(2025, 3, 1)),
            *("2025-03-01 12:00", date(2025, 2, 28), (date(2024, 2, 1), date(2024, 2, 28))),
            id="the 28th is the last complete day",
        ),
    ],
)
def test_a_year_before_has_the_same_dates(open_build, period, as_of, current_end, previous):
    rows = [session("ann", at("2022-12-01")), session("bob", at("2024-12-31 12:00"))]
    rows += [session(f"user {day}", at(f"2023-{day} 12:00")) for day in ("01-01", "02-28", "12-31")]
    rows += [session("cat", at("2024-02-29 12:00")), session("cat", at("2024-03-31 12:00"))]
    wh = open_build(rows, as_of=at(as_of))
    row = overview.change(wh, Filters(*period), "year").row(0, named=True)
    assert row["current_end"] == current_end
    assert (row["previous_start"], row["previous_end"]) == previous
    there = [r for r in rows if previous[0] <= r["start_date"] <= previous[1]]
    assert row["previous"] == len(there)
    total = breakdowns.change(wh, Filters(*period), "browser", compare="year").filter("is_total")
    if not total.is_empty():
        assert total["session_count_previous"].to_list() == [len(there)]


def test_change_may_compare_with_other_conditions(wh):
    filters = Filters(date(2026, 5, 15), date(2026, 5, 24))
    other = Filters(date(2026, 5, 15), date(2026, 5, 24), where={"browser": "!= Zen"})
    assert overview.change(wh, filters, other)["previous"][0] == 0


@pytest.mark.parametrize(
    ("function", "arguments", "sentence"),
    [
        (overview.change, ("yesterday",), "Unknown compare 'yesterday'"),
        (overview.series, ("sessions",), "Did you mean 'session_count'"),
        (overview.series, ("session_count", "hour"), "Unknown grain 'hour'"),
        (overview.series, ("session_count", "week", "yesterday"), "Unknown compare 'yesterday'"),
        (overview.daily, ("yesterday",), "Unknown compare 'yesterday'"),
    ],
)
def test_what_is_not_known_is_refused(wh, function, arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        function(wh, Filters(), *arguments)
