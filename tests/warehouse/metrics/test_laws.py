"""Laws that hold for any sessions, and a naive oracle that shares no code with the SQL."""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from tests.search import some
from tests.warehouse.small_builds import at, events_of, session, write_build
from warehouse.filters import Filters
from warehouse.metrics import overview, users

FIRST = at("2026-03-01 00:00")
A_FEW = settings(max_examples=some(15, of=200), deadline=None)


@st.composite
def session_rows(draw):
    start = FIRST + timedelta(minutes=draw(st.integers(0, 20 * 24 * 60)))
    seconds = draw(st.sampled_from([0, 5, 29, 30, 60, 900, 1800, 4000, 90_000]))
    is_open = draw(st.booleans())
    return session(
        draw(st.sampled_from(["ann", "bob", "cat", "dan"])),
        start,
        seconds,
        session_id=str(draw(st.uuids())),
        action_count=draw(st.integers(0, 3)),
        error_count=draw(st.integers(0, 2)),
        sources=draw(st.sampled_from([["app"], ["web"], ["app", "web"]])),
        device_type=draw(st.sampled_from(["desktop", "mobile", None])),
        entry_page=draw(st.sampled_from(["/a", "/b", "/c", "/d", None])),
        is_open=is_open,
        is_bot=draw(st.integers(0, 9)) == 0,
        is_abandoned=draw(st.sampled_from([None, False, not is_open])),
    )


@st.composite
def filters_of_the_time(draw):
    start = date(2026, 3, draw(st.integers(1, 20)))
    return Filters(
        start=start,
        end=start + timedelta(days=draw(st.integers(0, 9))),
        sources=draw(st.sampled_from([(), ("app",), ("app", "web"), ("none",)])),
        devices=draw(st.sampled_from([(), ("unknown",), ("desktop", "unknown")])),
        include_bots=draw(st.booleans()),
    )


def in_scope(row, filters):
    return (
        (filters.include_bots or not row["is_bot"])
        and (not filters.sources or set(filters.sources) & set(row["sources"]))
        and (not filters.devices or (row["device_type"] or "unknown") in filters.devices)
    )


def in_period(day, filters):
    return filters.start <= day <= filters.end


def mean(values):
    return fmean(values) if values else None


def share(values):
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def naive_totals(rows, filters):
    scope = [row for row in rows if in_scope(row, filters)]
    taken = [row for row in scope if in_period(row["start_date"], filters)]
    closed = [row for row in taken if not row["is_open"]]
    timed = [row["duration_seconds"] for row in taken if not row["is_suspect"]]
    seen = {
        event["user_id"]
        for row in scope
        for event in events_of(row)
        if in_period(event["event_date"], filters)
    }
    return {
        "session_count": len(taken),
        "closed_session_count": len(closed),
        "open_session_count": len(taken) - len(closed),
        "user_count": len(seen),
        "avg_duration_seconds": mean(timed),
        "median_duration_seconds": median(timed) if timed else None,
        "actions_per_session": mean([row["action_count"] for row in taken]),
        "bounce_rate": share([row["is_bounce"] for row in closed]),
        "error_rate": share([row["error_count"] > 0 for row in closed]),
        "abandonment_rate": share([row["is_abandoned"] for row in closed]),
        "one_event_session_count": sum(row["event_count"] == 1 for row in taken),
        "suspect_session_count": sum(row["is_suspect"] for row in taken),
    }


@pytest.mark.long
@A_FEW
@given(st.lists(session_rows(), max_size=25), filters_of_the_time())
def test_the_numbers_agree_with_a_naive_count_and_with_each_other(rows, filters):
    with tempfile.TemporaryDirectory() as folder:
        write_build(Path(folder), rows)
        with warehouse.open(folder) as wh:
            totals = overview.totals(wh, filters).row(0, named=True)
            daily = overview.daily(wh, filters)
            pages = overview.breakdown(wh, filters, "entry_page", limit=2)
            listing = users.listing(wh, filters)
            listed = users.count(wh, filters).item()
            running = wh.as_of_date

    for name, expected in naive_totals(rows, filters).items():
        assert totals[name] == pytest.approx(expected), name

    assert daily.height == filters.day_count
    assert daily["session_count"].sum() == totals["session_count"]
    assert (daily["user_count"].max() or 0) <= totals["user_count"] <= daily["user_count"].sum()
    days = daily.select("event_date", "session_count", "user_count")
    for day, sessions, user_count in days.rows():
        alone = Filters(day, day, filters.where, include_bots=filters.include_bots)
        naive = naive_totals(rows, alone)
        counts = naive["session_count"], naive["user_count"]
        # Nobody knows yet of days to come.
        is_to_come = running is not None and day > running and counts == (0, 0)
        assert (sessions, user_count) == ((None, None) if is_to_come else counts)

    assert pages["session_count"].sum() == totals["session_count"]
    assert pages["is_other"].sum() <= 1
    if not pages.is_empty():
        assert pages["session_rate"].sum() == pytest.approx(1)

    assert listing["session_count"].sum() == totals["session_count"]
    assert listing.height == listed <= totals["user_count"]
