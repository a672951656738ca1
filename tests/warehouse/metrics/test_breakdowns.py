"""Breakdowns against the same counted in Python; intervals against scipy's."""

from datetime import date, timedelta
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from etl.errors import ConfigError
from tests.warehouse.dimension_rows import sessions_with, two_values
from tests.warehouse.small_builds import NOON, session, write_build
from warehouse import connection
from warehouse.dimensions import DIMENSIONS, GROUPS, dimension_named
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, overview
from warehouse.query import prepared

RATES = ("bounce_rate", "error_rate", "abandonment_rate", "one_event_session_rate")
MEANS = {
    "avg_duration_seconds": lambda row: None if row["is_suspect"] else row["duration_seconds"],
    "avg_engaged_seconds": lambda row: None if row["is_suspect"] else row["engaged_seconds"],
    "actions_per_session": lambda row: row["action_count"],
}
TAGS = ("a", "b", "c", "d", "e")
ROWS = [
    session(
        f"user {number % 17}",
        NOON + timedelta(minutes=3 * number),
        seconds=(number * 37) % 900 if number % 11 else 90_000,
        browser=(None, "Zen", "Edge", "Opera", "Zen", "Zen")[number % 6],
        tags=[tag for at, tag in enumerate(TAGS) if number % (at + 2) == 0],
        engaged_seconds=float(number % 29),
        action_count=number % 5,
        error_count=number % 3 // 2,
        is_open=number % 9 == 0,
        is_abandoned=None if number % 4 else number % 8 == 0,
        event_count=1 if number % 7 == 0 else 4,
    )
    for number in range(240)
]


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    home = tmp_path_factory.mktemp("breakdowns")
    write_build(home, ROWS)
    with connection.open(home) as opened:
        yield opened


def named(frame):
    """The rows by value, the rest as Other and the sum as Total."""
    return {
        "Other" if row["is_other"] else "Total" if row["is_total"] else row["value"]: row
        for row in frame.iter_rows(named=True)
    }


def test_values_come_with_the_rest_and_the_total(wh):
    rows = named(breakdowns.by(wh, Filters(), "browser", ("session_count", "user_count"), limit=2))
    assert {name: row["session_count"] for name, row in rows.items()} == {
        "Zen": 120,
        "Edge": 40,
        "Other": 80,
        "Total": 240,
    }
    assert rows["Zen"]["share"] == 0.5
    assert rows["Total"]["share"] == 1
    assert rows["Total"]["user_count"] == 17
    others = {row["user_id"] for row in ROWS if row["browser"] in (None, "Opera")}
    assert rows["Other"]["user_count"] == len(others)
    assert list(rows) == ["Zen", "Edge", "Other", "Total"]


def test_all_of_it_is_exactly_one(open_build):
    # The smallest number that is no 1 times its reciprocal.
    assert 49 * (1 / 49) < 1
    some = open_build(ROWS[:49])
    assert breakdowns.by(some, Filters(), "browser")["share"][-1] == 1
    alone = Filters(where={"browser": "Zen"})
    more = open_build([row | {"browser": "Zen"} for row in ROWS[:49]])
    assert breakdowns.by(more, alone, "browser")["share"].to_list() == [1, 1]


def test_nothing_is_left_for_other_when_all_values_are_shown(wh):
    frame = breakdowns.by(wh, Filters(), "browser")
    assert frame["value"].to_list() == ["Zen", "Edge", "Opera", None, None]
    assert frame["is_other"].to_list() == [False] * 5
    assert frame["is_total"].to_list() == [False] * 4 + [True]


def test_session_of_several_values_counts_in_each_and_once_among_the_others(wh):
    rows = named(breakdowns.by(wh, Filters(), "tag", limit=2))
    assert rows["a"]["session_count"] == sum("a" in row["tags"] for row in ROWS)
    shown = {"a", "b"}
    rest = sum(bool(set(row["tags"] or [None]) - shown) for row in ROWS)
    assert rows["Other"]["session_count"] == rest
    assert rows["Total"]["session_count"] == len(ROWS)


@pytest.mark.parametrize(
    ("search", "shown"), [("E", ["Zen", "Edge", "Opera"]), ("ze", ["Zen"]), ("x", [])]
)
def test_search_narrows_the_values_and_keeps_the_total(wh, search, shown):
    frame = breakdowns.by(wh, Filters(), "browser", search=search)
    plain = frame.filter(~frame["is_other"] & ~frame["is_total"])
    assert plain["value"].to_list() == shown
    assert frame["session_count"][-1] == len(ROWS)
    parts = frame.filter(~frame["is_total"])["session_count"].sum()
    assert parts == len(ROWS)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["browser", "is_new_user", "hour", "weekday", "exit_reason"]),
    st.integers(0, 5),
    st.sampled_from([{}, {"browser": "!= Zen"}, {"tag": "a"}, {"duration_seconds": ">= 300"}]),
)
def test_parts_add_up_to_the_total_of_the_overview(wh, dimension, limit, where):
    filters = Filters(where=where)
    frame = breakdowns.by(
        wh, filters, dimension, ("session_count", "one_event_session_count"), limit=limit
    )
    parts = frame.filter(~frame["is_total"])
    totals = overview.totals(wh, filters).row(0, named=True)
    assert frame["is_total"].sum() == 1
    for name in ("session_count", "one_event_session_count"):
        assert parts[name].sum() == frame[name][-1] == totals[name]


@pytest.mark.parametrize("metric", RATES)
def test_interval_of_a_rate_is_wilsons(wh, metric):
    for row in breakdowns.by(wh, Filters(), "browser", (metric,)).iter_rows(named=True):
        taken = [r for r in ROWS if row["is_total"] or r["browser"] == row["value"]]
        closed = [r for r in taken if not r["is_open"]]
        hits = {
            "bounce_rate": [r["is_bounce"] for r in closed],
            "error_rate": [r["error_count"] > 0 for r in closed],
            "abandonment_rate": [
                r["is_abandoned"] for r in closed if r["is_abandoned"] is not None
            ],
            "one_event_session_rate": [not r["has_duration"] for r in closed],
        }[metric]
        if not hits:
            assert (row[metric], row[f"{metric}_low"], row[f"{metric}_high"]) == (None,) * 3
            continue
        wanted = stats.binomtest(sum(hits), len(hits)).proportion_ci(method="wilson")
        assert row[metric] == pytest.approx(sum(hits) / len(hits), abs=1e-12)
        assert row[f"{metric}_low"] == pytest.approx(wanted.low, abs=1e-9)
        assert row[f"{metric}_high"] == pytest.approx(wanted.high, abs=1e-9)


@pytest.mark.parametrize("metric", MEANS)
def test_interval_of_a_mean_is_students(wh, metric):
    for row in breakdowns.by(wh, Filters(), "browser", (metric,)).iter_rows(named=True):
        taken = [r for r in ROWS if row["is_total"] or r["browser"] == row["value"]]
        values = [value for r in taken if (value := MEANS[metric](r)) is not None]
        low, high = stats.t.interval(
            0.95, len(values) - 1, loc=fmean(values), scale=stats.sem(values)
        )
        assert row[metric] == pytest.approx(fmean(values), rel=1e-12)
        assert row[f"{metric}_low"] == pytest.approx(low, rel=1e-9)
        assert row[f"{metric}_high"] == pytest.approx(high, rel=1e-9)


def test_one_session_has_a_mean_and_no_interval_of_it(open_build):
    wh = open_build([session("ann", seconds=60)])
    row = named(breakdowns.by(wh, Filters(), "os", ("avg_duration_seconds",)))["Total"]
    assert (row["avg_duration_seconds"], row["avg_duration_seconds_low"]) == (60, None)


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_every_dimension_is_broken_down_by(open_build, dimension):
    value, other = two_values(dimension)
    wh = open_build(**sessions_with(dimension, {"ann": value, "bob": value, "cat": other}))
    rows = named(breakdowns.by(wh, Filters(), dimension.name, ("session_count", "user_count")))
    assert {name: row["session_count"] for name, row in rows.items()} == {
        value: 2,
        other: 1,
        "Total": 3,
    }
    assert rows[value]["user_count"] == 2


def test_a_visit_that_goes_on_past_midnight_counts_its_user_like_the_overview(open_build):
    late = session("ann", NOON.replace(hour=23, minute=50), seconds=1800, browser="Zen")
    wh = open_build([late, session("bob", NOON + timedelta(days=1), browser="Zen")])
    next_day = Filters((NOON + timedelta(days=1)).date(), (NOON + timedelta(days=1)).date())
    rows = named(breakdowns.by(wh, next_day, "browser", ("session_count", "user_count")))
    assert (rows["Zen"]["session_count"], rows["Zen"]["user_count"]) == (1, 2)
    assert rows["Total"]["user_count"] == 2


@pytest.mark.parametrize("query", ["breakdowns.by", "overview.totals"])
def test_users_are_looked_at_only_where_they_are_asked_for(wh, query):
    for counts_users in (True, False):
        asked = {"dimension": dimension_named("browser"), "row_limit": 10}
        text, values = prepared(wh, query, **asked, counts_users=counts_users)
        plan = wh.sql(text, values).explain()
        assert ("overnight_days" in plan) is counts_users


def test_breakdown_of_nothing_has_no_rows_and_all_columns(open_build):
    frame = breakdowns.by(open_build([]), Filters(), "tag", ("session_count", "bounce_rate"))
    assert frame.is_empty()
    assert frame.columns == [
        *("value", "is_other", "is_total", "share", "session_count"),
        *("bounce_rate", "bounce_rate_low", "bounce_rate_high"),
    ]


def test_named_values_are_shown_alone_and_the_rest_is_other(wh):
    frame = breakdowns.by(wh, Filters(), "browser", values=("Opera", None, "Lynx"))
    rows = frame.select("value", "is_other", "is_total", "session_count").rows()
    none = sum(row["browser"] is None for row in ROWS)
    assert rows == [
        ("Opera", False, False, 40),
        (None, True, False, len(ROWS) - 40 - none),
        (None, False, False, none),
        (None, False, True, len(ROWS)),
    ]


def test_no_value_is_left_for_other_when_all_are_asked_for(wh):
    frame = breakdowns.by(wh, Filters(), "hour", limit=breakdowns.ALL)
    assert not frame["is_other"].any()
    hours = {str(row["start_time"].hour) for row in ROWS}
    assert set(frame.filter(~frame["is_total"])["value"]) == hours


WEEK = Filters(date(2026, 3, 9), date(2026, 3, 15))
MONDAY = NOON.replace(year=2026, month=3, day=9)


def short(start):
    return session("ann", start, seconds=9, action_count=0, browser="Zen")


TWO_WEEKS = [
    *(short(MONDAY - timedelta(days=7, minutes=n)) for n in (0, 60)),
    session("bob", MONDAY - timedelta(days=7), seconds=60, browser="Edge", action_count=3),
    *(session("ann", MONDAY + timedelta(hours=n), browser="Zen", seconds=600) for n in range(3)),
    session("bob", MONDAY, browser="Lynx"),
    # The running day and those after it are no part of a change.
    session("cat", MONDAY + timedelta(days=6), browser="Edge"),
    session("dan", MONDAY - timedelta(days=20), browser="Edge"),
]


def test_change_is_of_the_same_values_by_complete_days(open_build):
    wh = open_build(TWO_WEEKS)
    frame = breakdowns.change(wh, WEEK, "browser", ("session_count", "bounce_rate"))
    rows = {
        name: [row[f"session_count{end}"] for end in ("", "_current", "_previous", "_change")]
        for name, row in named(frame).items()
    }
    assert rows == {
        "Zen": [3, 3, 2, 0.5],
        "Edge": [1, 0, 1, -1.0],
        "Lynx": [1, 1, 0, None],
        "Total": [5, 4, 3, pytest.approx(1 / 3)],
    }
    bounces = {name: row["bounce_rate_change"] for name, row in named(frame).items()}
    assert (bounces["Zen"], bounces["Lynx"]) == (-1, None)
    total = overview.change(wh, WEEK).filter(metric="bounce_rate").row(0, named=True)
    assert bounces["Total"] == pytest.approx(total["change"])


def test_other_of_both_periods_is_what_the_rows_shown_leave(open_build):
    wh = open_build(TWO_WEEKS)
    rows = named(breakdowns.change(wh, WEEK, "browser", limit=1))
    assert list(rows) == ["Zen", "Other", "Total"]
    assert (rows["Other"]["session_count"], rows["Other"]["session_count_previous"]) == (2, 1)


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(date(2026, 2, 16), date(2026, 2, 22))], ids=["open", "first"]
)
def test_without_earlier_days_there_is_no_change(open_build, filters):
    frame = breakdowns.change(open_build(TWO_WEEKS), filters, "browser")
    assert not frame.is_empty()
    assert frame["session_count_current"].is_null().all()
    assert frame["session_count_previous"].is_null().all()
    assert frame["session_count_change"].is_null().all()


def values_of(wh, dimension):
    return breakdowns.value_count(wh, Filters(), dimension)["value_count"].item()


def test_known_counts_sessions_with_a_value(wh):
    counts = dict(breakdowns.known(wh, Filters()).iter_rows())
    assert list(counts) == [dimension.name for dimension in DIMENSIONS]
    assert counts["browser"] == sum(bool(row["browser"]) for row in ROWS)
    assert counts["tag"] == sum(bool(row["tags"]) for row in ROWS)


@pytest.mark.parametrize("dimension", ["browser", "tag", "weekday"])
def test_values_are_counted_once_each(wh, dimension):
    wanted = {
        "browser": {row["browser"] for row in ROWS if row["browser"]},
        "tag": TAGS,
        "weekday": {row["start_date"].weekday() for row in ROWS},
    }
    assert values_of(wh, dimension) == len(wanted[dimension])


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_every_dimension_is_known_where_it_has_values(open_build, dimension):
    value, other = two_values(dimension)
    wh = open_build(**sessions_with(dimension, {"ann": value, "cat": other}))
    counts = dict(breakdowns.known(wh, Filters()).iter_rows())
    assert (counts[dimension.name], values_of(wh, dimension.name)) == (2, 2)
    assert dimension.group in GROUPS


def test_nothing_is_known_without_sessions(open_build):
    wh = open_build([])
    frame = breakdowns.known(wh, Filters())
    assert frame.height == len(DIMENSIONS)
    assert frame["session_count"].sum() == values_of(wh, "tag") == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"dimension": "browsers"}, "Did you mean 'browser'"),
        ({"dimension": "duration_seconds"}, "Unknown dimension 'duration_seconds'"),
        ({"dimension": "os", "metrics": ("sessions",)}, "Did you mean 'session_count'"),
        ({"dimension": "os", "metrics": "session_count"}, "Wanted a list"),
        ({"dimension": "os", "limit": -1}, "Give 0 or more"),
    ],
)
def test_breakdown_that_cannot_be_is_refused(wh, arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        breakdowns.by(wh, Filters(), **arguments)
