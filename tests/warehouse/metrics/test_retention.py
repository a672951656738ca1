"""Retention by hand: who enters, when a cell is complete, and what its numbers obey."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from etl.errors import ConfigError
from tests.warehouse.metrics.visits import visits
from tests.warehouse.small_builds import NOON, at, event, session, write_build
from warehouse.filters import Filters
from warehouse.metrics import overview, retention
from warehouse.metrics.calendar_periods import start_after, start_before, start_of

MONDAY = date(2026, 3, 9)  # That of NOON.


def visit(user, day, number=1, **others):
    """A session of that user so many days after NOON."""
    return session(user, NOON + timedelta(days=day), session_number=number, **others)


def cells(frame):
    """cohort, period → users, size."""
    return {
        (row["cohort_start"], row["period_number"]): (row["user_count"], row["cohort_size"])
        for row in frame.iter_rows(named=True)
    }


def test_a_cohort_is_of_the_first_event_ever_and_not_of_the_first_in_the_dates(open_build):
    rows = [visit("ann", -7), visit("ann", 0, 2), visit("bob", 0), visit("bob", 7, 2)]
    frame = retention.matrix(open_build(rows), Filters(start=MONDAY, end=MONDAY + timedelta(6)))
    # Bob's later week lies behind the dates, and counts.
    assert cells(frame) == {(MONDAY, 0): (1, 1), (MONDAY, 1): (1, 1)}


def test_the_running_day_makes_its_period_incomplete(open_build):
    sunday = [visit("ann", 0), visit("bob", 5)]
    # As of is the last event: Sunday at noon, then Monday at noon.
    assert retention.matrix(open_build(sunday), Filters())["is_complete"].to_list() == [False]
    monday = [*sunday, visit("bob", 6, 2)]
    frame = retention.matrix(open_build(monday), Filters())
    assert frame["is_complete"].to_list() == [True, False]
    assert retention.curve(open_build(monday), Filters()).rows()[0][0] == 0
    assert retention.curve(open_build(monday), Filters()).height == 1


def test_who_came_first_in_a_session_that_is_left_out_does_not_enter_later(open_build):
    rows = [
        visit("ann", 0, device_type="mobile"),
        visit("ann", 1, 2),
        visit("bob", 1),
        visit("bob", 7, 2, device_type="mobile"),
    ]
    desktop = Filters(where={"device_type": "desktop"})
    wh = open_build(rows)
    assert cells(retention.matrix(wh, desktop)) == {(MONDAY, 0): (1, 1), (MONDAY, 1): (0, 1)}
    in_segment = retention.matrix(wh, desktop, entry="segment")
    assert cells(in_segment)[MONDAY, 0] == (2, 2)


def test_a_step_of_the_entry_and_one_of_the_return_are_counted_apart(open_build):
    rows = [visit("ann", 0), visit("bob", 1), visit("bob", 7, 2)]
    kinds = {rows[0]["session_id"]: "signup", rows[1]["session_id"]: "signup"}
    events = [
        event(
            row["session_id"],
            row["user_id"],
            row["start_time"],
            event_type=kinds.get(row["session_id"], "page_view"),
            page="/pricing",
            properties='{"plan": "pro"}' if row["user_id"] == "ann" else "{}",
        )
        for row in rows
    ]
    wh = open_build(rows, events=events)
    signed_up = retention.matrix(wh, Filters(), start="signup")
    assert cells(signed_up) == {(MONDAY, 0): (2, 2), (MONDAY, 1): (1, 2)}
    # In the week of the entry nobody saw a page.
    back = retention.matrix(wh, Filters(), start="signup", back="page_view:/pricing")
    assert cells(back) == {(MONDAY, 0): (0, 2), (MONDAY, 1): (1, 2)}
    pro = retention.matrix(wh, Filters(), start="signup[plan=pro]")
    assert cells(pro) == {(MONDAY, 0): (1, 1), (MONDAY, 1): (0, 1)}


def test_windows_of_24_hours_end_to_the_microsecond(open_build):
    second = timedelta(microseconds=1)
    day = timedelta(days=1)
    rows = [
        session("ann", NOON, 0, session_number=1),
        session("ann", NOON + day - second, 0),
        session("bob", NOON, 0, session_number=1),
        session("bob", NOON + day, 0),
    ]
    wh = open_build(rows, as_of=NOON + 2 * day)
    frame = retention.matrix(wh, Filters(), "day", clock="24h")
    assert cells(frame) == {
        (NOON.date(), 0): (2, 2),
        (NOON.date(), 1): (1, 2),
        (NOON.date(), 2): (0, 2),
    }
    assert frame["is_complete"].to_list() == [True, True, False]


def test_a_night_past_the_end_of_the_week_is_a_return(open_build):
    night = session("ann", at("2026-03-15 23:30"), 3600, session_number=1)
    frame = retention.matrix(open_build([night]), Filters())
    assert cells(frame) == {(MONDAY, 0): (1, 1), (MONDAY, 1): (1, 1)}


def test_all_ids_of_a_person_are_one_and_stand_behind_the_cell(open_build):
    rows = [visit("anon", 0), visit("ann", 7), visit("bob", 1)]
    known = {
        "source": "web",
        "anonymous_id": "anon",
        "interval_number": 1,
        "user_id": "ann",
        "valid_from": NOON - timedelta(days=1),
        "valid_to": None,
    }
    users = [
        {"user_id": user, "is_anonymous": user == "anon", "first_date": NOON.date()}
        for user in ("anon", "ann", "bob")
    ]
    wh = open_build(rows, identities=[known], users=users)
    persons = retention.matrix(wh, Filters(), identity="person")
    assert cells(persons) == {(MONDAY, 0): (2, 2), (MONDAY, 1): (1, 2)}
    apart = retention.matrix(wh, Filters())
    assert cells(apart)[MONDAY, 1] == (0, 2)
    behind = retention.users(wh, Filters(), MONDAY, 1, identity="person")
    assert behind.select("user_id", "person_id").rows() == [("ann", "ann"), ("anon", "ann")]
    away = retention.users(wh, Filters(), MONDAY, 1, "away", identity="person")
    assert away["user_id"].to_list() == ["bob"]


def test_users_of_a_cell_come_by_their_entry_and_in_pages(open_build):
    rows = [visit(f"u{n}", n / 24) for n in range(5)]
    wh = open_build(rows)
    frame = retention.users(wh, Filters(), MONDAY, 0)
    assert frame["user_id"].to_list() == [f"u{n}" for n in range(5)]
    assert frame["entry_time"].to_list() == [row["start_time"] for row in rows]
    assert frame["session_id"].to_list() == [row["session_id"] for row in rows]
    assert retention.users(wh, Filters(), MONDAY, 0, limit=2, offset=3)["user_id"].to_list() == [
        "u3",
        "u4",
    ]
    # Of the week after, and of no cohort, there is nobody.
    assert retention.users(wh, Filters(), MONDAY + timedelta(7), 0).is_empty()


def test_who_came_in_pruned_days_enters_no_cohort_of_those_that_are_left(open_build):
    rows = [visit("ann", 0, 3), visit("bob", 0), visit("bob", 7, 2)]
    users = [
        {"user_id": "ann", "is_anonymous": False, "first_date": date(2026, 1, 5)},
        {"user_id": "bob", "is_anonymous": False, "first_date": NOON.date()},
    ]
    wh = open_build(rows, users=users)
    wh.pruned_before = MONDAY
    wanted = {(MONDAY, 0): (1, 1), (MONDAY, 1): (1, 1)}
    assert cells(retention.matrix(wh, Filters())) == wanted
    assert cells(retention.matrix(wh, Filters(), identity="person")) == wanted


def test_values_of_a_dimension_are_those_of_the_session_of_the_entry(open_build):
    rows = [
        *(visit(f"d{n}", n / 24) for n in range(3)),
        *(visit(f"d{n}", 7, 2, device_type="mobile") for n in range(2)),
        visit("m", 0, device_type="mobile"),
        visit("t", 0, device_type=None),
        # The week after is over.
        visit("d0", 14, 3),
    ]
    wh = open_build(rows)
    frame = retention.by(wh, Filters(end=NOON.date()), "device_type", 1)
    told = frame.filter(pl.col("period_number") == 1).select(
        "value", "is_other", "cohort_size", "retention_rate"
    )
    assert told.rows() == [("desktop", False, 3, pytest.approx(2 / 3)), (None, True, 2, 0.0)]
    every = retention.by(wh, Filters(end=NOON.date()), "device_type")
    assert every["value"].unique(maintain_order=True).to_list() == ["desktop", "mobile", None]
    assert not every["is_other"].any()


def test_days_1_7_and_30_are_told_by_the_period_of_the_entry(open_build):
    rows = [visit("ann", 0), visit("ann", 1, 2), visit("bob", 2), visit("bob", 9, 2)]
    wh = open_build(rows, as_of=NOON + timedelta(days=14))
    frame = retention.trend(wh, Filters(), "week", (1, 7, 30))
    told = frame.select("cohort_start", "days", "cohort_size", "user_count", "is_complete").rows()
    # Whoever enters on Sunday has day 7 on the Sunday after, which is over; day 30 has not begun.
    assert told == [(MONDAY, 1, 2, 1, True), (MONDAY, 7, 2, 1, True)]


@pytest.mark.long
@given(visits(), st.sampled_from(("first", "segment", "recurring")))
@settings(max_examples=8, deadline=None)
def test_numbers_obey_what_holds_of_any_data(tmp_path_factory, seen, entry):
    home = tmp_path_factory.mktemp("home")
    write_build(home, **seen.build())
    with warehouse.open(home) as wh:
        exact = retention.matrix(wh, Filters(), entry=entry)
        later = retention.matrix(wh, Filters(), kind="on_or_after", entry=entry)
        whole = retention.matrix(wh, Filters(), kind="bracket", brackets=((0, 9999),), entry=entry)
        assert exact.drop("user_count", "retention_rate").equals(
            later.drop("user_count", "retention_rate")
        )
        assert (later["user_count"] >= exact["user_count"]).all()
        assert (exact["user_count"] <= exact["cohort_size"]).all()
        entered = exact.filter(pl.col("period_number") == 0)
        # With no step, whoever enters is there in the period of the entry.
        assert entered["user_count"].to_list() == entered["cohort_size"].to_list()
        assert whole["user_count"].to_list() == entered["cohort_size"].to_list()
        from_later = later.filter(pl.col("period_number") == 0)
        assert from_later["user_count"].to_list() == entered["cohort_size"].to_list()
        totals = overview.totals(wh, Filters())
        if entry == "first":
            assert entered["cohort_size"].sum() == totals["new_user_count"][0]
        if entry == "recurring":
            series = overview.series(wh, Filters(), "user_count", "week", compare="none")
            users = {start: n for start, n in series.select("period_start", "value").rows() if n}
            assert dict(entered.select("cohort_start", "cohort_size").rows()) == users
        split = retention.by(wh, Filters(), "device_type", entry=entry)
        curve = retention.curve(wh, Filters(), entry=entry)
        if entry != "recurring":
            # A value of which no cohort is old enough has no rows.
            sizes = split.unique("value")["cohort_size"].sum()
            assert sizes <= entered["cohort_size"].sum()
            assert split.is_empty() == curve.is_empty()


@pytest.mark.parametrize("name", ["matrix", "curve", "trend"])
def test_without_events_there_are_no_rows(open_build, name):
    frame = getattr(retention, name)(open_build([]), Filters())
    assert frame.is_empty()
    assert frame.columns
    assert retention.by(open_build([]), Filters(), "browser").is_empty()


# Case: what is asked, and what the error says.
REFUSED = {
    "a period": ({"period": "year"}, r"Unknown period 'year'"),
    "a kind": ({"kind": "after"}, r"Unknown kind 'after'"),
    "a clock": ({"clock": "24 h"}, r"Unknown clock"),
    "an entry": ({"entry": "ever"}, r"Unknown entry"),
    "an identity": ({"identity": "people"}, r"Unknown identity"),
    "brackets without any": ({"kind": "bracket"}, r"belong to kind='bracket'"),
    "brackets of another kind": ({"brackets": ((0, 6),)}, r"belong to kind='bracket'"),
    "a bracket backwards": ({"kind": "bracket", "brackets": ((6, 0),)}, r"is no bracket"),
    "a bracket of one number": ({"kind": "bracket", "brackets": (3,)}, r"is no bracket"),
    "a step": ({"start": 3}, r"is no step"),
}


@pytest.mark.parametrize(("asked", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_unknown_is_refused_with_what_is_known(open_build, asked, said):
    with pytest.raises(ConfigError, match=said):
        retention.matrix(open_build([]), Filters(), **asked)


def test_a_cell_that_there_is_not_is_refused(open_build):
    wh = open_build([])
    with pytest.raises(ConfigError, match="no period -1"):
        retention.users(wh, Filters(), MONDAY, -1)
    with pytest.raises(ConfigError, match=r"no bracket 1. Wanted: 0 to 0"):
        retention.users(wh, Filters(), MONDAY, 1, kind="bracket", brackets=((0, 6),))
    with pytest.raises(ConfigError, match="Unknown outcome"):
        retention.users(wh, Filters(), MONDAY, 0, "gone")


# Case: a day, and the first day of its period, of the one before and of the second after.
PERIODS = {
    "day": (date(2026, 3, 1), date(2026, 3, 1), date(2026, 2, 28), date(2026, 3, 3)),
    "week": (date(2026, 3, 1), date(2026, 2, 23), date(2026, 2, 16), date(2026, 3, 9)),
    "month": (date(2026, 12, 31), date(2026, 12, 1), date(2026, 11, 1), date(2027, 2, 1)),
}


@pytest.mark.parametrize("period", PERIODS)
def test_periods_are_those_of_the_calendar(period):
    day, first, before, after = PERIODS[period]
    assert start_of(day, period) == first
    assert start_before(day, period) == before
    assert start_after(day, period, 2) == after
    assert start_after(day, period, 10**6) == date(2199, 12, 31)
