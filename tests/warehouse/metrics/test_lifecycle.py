"""Lifecycle and stickiness against a naive count over events; what they add up to."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from etl.errors import ConfigError
from tests.search import some
from tests.warehouse.metrics.visits import (
    dates_of,
    local_day,
    next_start,
    start_of,
    visits,
)
from tests.warehouse.small_builds import NOON, at, session, write_build
from warehouse.filters import Filters
from warehouse.metrics import lifecycle, overview, stickiness

PERIODS = ("day", "week", "month")


def active(seen, device, first, last):
    """The users with an event on these days, in a session that the filters take."""
    return {
        e.user
        for e in seen.events
        if not e.is_bot and device in (None, e.device) and first <= e.day <= last
    }


@pytest.mark.long
@given(visits(days=45), st.data())
@settings(max_examples=some(7, of=200), deadline=None)
def test_lifecycle_and_stickiness_are_those_of_a_naive_count(tmp_path_factory, seen, data):
    start, end = data.draw(dates_of(seen.events))
    device = data.draw(st.sampled_from((None, "mobile")))
    filters = Filters(start=start, end=end, where={"device_type": device} if device else {})
    days = [e.day for e in seen.events]
    as_of = local_day(seen.as_of, seen.zone)
    # An open period reaches from the first session's day to the last event's.
    first, last = start or min(days), end or max(days)
    home = tmp_path_factory.mktemp("home")
    write_build(home, **seen.build())
    with warehouse.open(home) as wh:
        for period in PERIODS:
            assert lifecycle.counts(wh, filters, period).rows() == parts(
                seen, device, period, first, last, as_of
            )
            assert_adds_up(wh, filters, period)
        until = min(day for day in (end, as_of) if day)
        for period, length in (("week", 7), ("month", 28)):
            counted = Counter(
                user
                for n in range(length)
                for user in active(seen, device, until - timedelta(n), until - timedelta(n))
            )
            wanted = sorted(Counter(counted.values()).items())
            assert stickiness.days_active(wh, filters, period).rows() == wanted
        ratios = stickiness.ratios(wh, filters)
        assert ratios.rows() == list(ratios_of(seen, device, first, until))


def parts(seen, device, period, first, last, as_of):
    """Rows as lifecycle.counts has them: no period after the running one."""
    rows = []
    begin = start_of(first, period)
    while begin <= min(last, as_of):
        following = next_start(begin, period)
        now = active(seen, device, max(begin, first), min(following - timedelta(1), last))
        before = active(seen, device, start_of(begin - timedelta(1), period), begin - timedelta(1))
        firsts = {}
        for e in seen.events:
            firsts[e.user] = min(firsts.get(e.user, e.day), e.day)
        new = {user for user in now if begin <= firsts[user] < following}
        back = now & before
        rows.append((begin, len(new), len(back), len(now - new - back), len(before - now)))
        begin = following
    return rows


def ratios_of(seen, device, first, last):
    for n in range((last - first).days + 1):
        day = first + timedelta(n)
        dau, wau, mau = (
            len(active(seen, device, day - timedelta(length - 1), day)) for length in (1, 7, 28)
        )
        yield day, dau, wau, mau, dau / mau if mau else None, dau / wau if wau else None


def assert_adds_up(wh, filters, period):
    """New, returning and resurrected are the users of the period, as Overview has them."""
    frame = lifecycle.counts(wh, filters, period)
    users = frame.select("new_count", "returning_count", "resurrected_count").sum_horizontal()
    series = overview.series(wh, filters, "user_count", period, compare="none")
    known = [
        row for row in series.select("period_start", "value").iter_rows() if row[1] is not None
    ]
    assert list(zip(frame["period_start"], users, strict=True)) == known[: frame.height]


def test_the_month_of_28_days_has_the_users_of_the_last_day_s_month(open_build):
    rows = [
        session(f"u{n % 5}", NOON + timedelta(days=n * n), session_id=f"s{n}") for n in range(7)
    ]
    wh = open_build(rows)
    users = stickiness.days_active(wh, Filters(), "month")["user_count"].sum()
    assert stickiness.ratios(wh, Filters())["mau"][-1] == users


def test_a_first_event_outside_of_the_filters_makes_nobody_new(open_build):
    rows = [
        session("ann", NOON - timedelta(weeks=2), session_number=1),
        session("ann", device_type="mobile"),
        session("bob", device_type="mobile", session_number=1),
    ]
    filters = Filters(date(2026, 3, 9), date(2026, 3, 15), {"device_type": "mobile"})
    assert lifecycle.counts(open_build(rows), filters).row(0)[1:] == (1, 0, 1, 0)


def test_days_of_a_short_period_reach_back_before_it(open_build):
    rows = [session("ann", NOON - timedelta(days=n), session_id=f"s{n}") for n in range(9)]
    day = Filters(start=NOON.date(), end=NOON.date())
    assert stickiness.days_active(open_build(rows), day).rows() == [(7, 1)]


def test_in_pruned_days_nobody_is_counted_and_who_came_first_in_them_is_not_new(open_build):
    # A cut through the week: Monday and Tuesday are gone, and so is all before.
    cut = date(2026, 3, 11)
    rows = [
        session("ann", at("2026-03-12 12:00"), session_number=3),
        session("bob", at("2026-03-12 12:00"), session_number=2),
        session("cat", at("2026-03-13 12:00"), session_number=1),
    ]
    users = [
        {"user_id": "ann", "first_date": date(2026, 1, 5)},
        {"user_id": "bob", "first_date": date(2026, 3, 9)},
        {"user_id": "cat", "first_date": date(2026, 3, 13)},
    ]
    wh = open_build(rows, users=users)
    wh.pruned_before = cut
    filters = Filters(start=cut, end=date(2026, 3, 15))
    # Bob's first day was in this week, though it is gone.
    assert lifecycle.counts(wh, filters).row(0)[1:] == (2, 0, 1, 0)


@pytest.mark.parametrize("name", ["counts", "ratios", "days_active"])
def test_without_events_there_are_no_rows(open_build, name):
    module = lifecycle if name == "counts" else stickiness
    frame = getattr(module, name)(open_build([]), Filters())
    assert frame.is_empty()
    assert frame.columns


@pytest.mark.parametrize("ask", [lifecycle.counts, stickiness.days_active])
def test_an_unknown_period_is_refused_with_the_known(open_build, ask):
    with pytest.raises(ConfigError, match=r"Unknown period 'weekly'.*week"):
        ask(open_build([]), Filters(), "weekly")
