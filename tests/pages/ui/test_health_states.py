"""States of sources and strips of their days, in cases."""

from datetime import date, datetime, timedelta

import pytest

from pages.ui import health_states, health_strips

NOW = datetime.fromisoformat("2026-11-20 15:00")
FRESH = {
    "source": "web",
    "loaded_count": 10,
    "rejected_rate": 0.0,
    "last_event_time": NOW - timedelta(hours=1),
    "ahead_seconds": 0,
}
FILE = {"source": "web", "file": "in/a.csv", "message": "in/a.csv: no format recognises it. Say."}
FAULT = {
    "kind": "outage",
    "first_date": date(2026, 11, 3),
    "last_date": date(2026, 11, 4),
    "evidence": "3 sessions where these 2 days have 90",
}


@pytest.mark.parametrize(
    ("row", "failing", "faults", "words", "tone"),
    [
        ({}, [], [], "fresh", "good"),
        ({"last_event_time": NOW - timedelta(hours=24)}, [], [], "fresh", "good"),
        ({"last_event_time": NOW - timedelta(hours=25)}, [], [], "late", "warn"),
        ({"last_event_time": NOW - timedelta(days=365)}, [], [], "history", "quiet"),
        ({"rejected_rate": 0.05}, [], [], "5.0 % rejected", "warn"),
        ({"rejected_rate": 0.049}, [], [], "fresh", "good"),
        ({"rejected_rate": None}, [], [], "fresh", "good"),
        ({"ahead_seconds": 300}, [], [], "fresh", "good"),
        ({"ahead_seconds": 301}, [], [], "clock ahead", "warn"),
        ({"loaded_count": 0, "last_event_time": None}, [], [], "no event", "bad"),
        ({"rejected_rate": 0.5}, [FILE], [], "1 file failing +1", "bad"),
        ({}, [], [FAULT], "outage", "warn"),
        ({}, [], [{**FAULT, "last_date": date(2026, 10, 20)}], "fresh", "good"),
    ],
)
def test_a_source_is_told_by_its_gravest_trouble(row, failing, faults, words, tone):
    state = health_states.state_of(FRESH | row, failing, faults, NOW, NOW.date())
    assert (state.words, state.tone) == (words, tone)
    assert bool(state.problems) is (tone in ("bad", "warn"))


def test_failing_files_are_named_with_their_cause_until_they_are_many():
    assert health_states.failures([FILE]) == ["a.csv: no format recognises it."]
    (told,) = health_states.failures([FILE] * 9)
    assert told.startswith("web: 9 files could not be loaded: a.csv,")
    assert told.endswith("and 4 more.")


@pytest.mark.parametrize(
    ("days", "grain", "cells"),
    [(1, "day", 1), (131, "day", 131), (132, "week", 20), (3653, "month", 121)],
)
def test_a_strip_has_few_cells_however_long_it_is(days, grain, cells):
    first = date(2016, 1, 15)
    last = first + timedelta(days=days - 1)
    assert health_strips.grain_of(first, last) == grain
    assert health_strips.cell_of(last, first, grain) + 1 == cells


@pytest.mark.parametrize(
    ("count", "shade"), [(0, 0), (1, 1), (10, 1), (100, 3), (500, 5), (1000, 5)]
)
def test_shades_are_by_tenfolds_of_the_most(count, shade):
    assert health_strips.shade(count, 1000) == shade


def test_twenty_sources_of_ten_years_are_a_small_page():
    counts = [5 + at % 7 for at in range(3653)]
    counts[100] = 0
    rows = [health_strips.Strip(f"s{number}", date(2016, 1, 1), counts) for number in range(20)]
    markup = health_strips.strips(rows)
    assert len(markup) < 400_000
    assert markup.count("1 gap day") == 20
