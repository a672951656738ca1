"""Where numbers lead: as many sessions or users are there as the number says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs

import pytest

import warehouse
from pages.ui import drill, drill_metrics, drill_parts, filter_row
from pages.ui.address import Choice, decode, encode
from pages.ui.frame import Page
from warehouse import query
from warehouse.dimensions import BY_NAME
from warehouse.metrics import engagement, overview, registry, sessions, users

# Narrowed already: what is behind a number must still be within this.
CHOICES = {
    "everything": Choice(),
    "a range": Choice().with_texts(BY_NAME["duration_seconds"], ["3..400"]),
    "not a browser": Choice(period="7").with_texts(BY_NAME["browser"], ["!= Firefox"]),
}


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


def days_of(wh):
    return wh.sql("select min(start_date), max(start_date) from user_sessions").fetchall()[0]


def filters_of(wh, choice):
    return filter_row.to_filters(choice, wh.as_of_date, *days_of(wh))


@pytest.fixture(params=CHOICES)
def page(request, wh):
    choice = CHOICES[request.param]
    filters = filters_of(wh, choice)
    return Page("Any", filters, choice, wh.build, wh.as_of, wh.time_zone, *days_of(wh))


def behind(wh, address, metric=sessions.count):
    """How many are on the page that an address opens."""
    choice, ignored = decode(parse_qs(address.partition("?")[2]), {})
    assert ignored == []
    return metric(wh, filters_of(wh, choice)).item()


def totals_of(wh, page):
    return sessions.count(wh, page.filters).item()


def told(part):
    """The number that a part says it holds."""
    return int(part.holds.split(": ")[1].split(" ")[0].replace(",", ""))


def assert_parts_hold_what_they_say(wh, parts, total, every=1):
    assert sum(told(part) for part in parts.by_key.values()) == total
    for part in list(parts.by_key.values())[::every]:
        assert behind(wh, drill.to(drill.SESSIONS, part.choice)) == told(part), part.name


def test_a_day_leads_to_its_sessions_and_its_users(wh, page):
    daily = overview.daily(wh, page.filters)
    days, counts = daily["event_date"].to_list(), daily["session_count"].to_list()
    parts = drill_parts.periods(page, days, counts)
    assert_parts_hold_what_they_say(wh, parts, sum(counts), every=4)
    day = days[-3]
    there = behind(wh, drill.to(drill.USERS, parts.by_key[day.isoformat()].choice), users.count)
    assert there == daily["user_count"][-3]


@pytest.mark.parametrize("grain", ["week", "month"])
def test_a_week_or_month_leads_to_its_days_within_the_period(wh, page, grain):
    series = overview.series(wh, page.filters, "session_count", grain)
    starts, counts = series["period_start"].to_list(), series["value"].to_list()
    parts = drill_parts.periods(page, starts, counts, grain)
    total = sessions.count(wh, page.filters).item()
    assert_parts_hold_what_they_say(wh, parts, total)


@pytest.mark.parametrize("of", ["duration_seconds", "engaged_seconds"])
def test_a_bar_of_lengths_leads_to_its_sessions(wh, page, of):
    bins = engagement.distribution(wh, page.filters, of=of)
    suspects = overview.totals(wh, page.filters)["suspect_session_count"].item()
    longest = wh.setting("suspect_after").total_seconds()
    parts = drill_parts.lengths(page, bins, of, longest, has_longer=suspects > 0)
    total = sessions.count(wh, page.filters).item() - suspects
    assert_parts_hold_what_they_say(wh, parts, total, every=3)


def test_sessions_longer_than_a_day_are_behind_no_bar(wh, page):
    # As if a day were ten seconds: then there are some.
    bins = engagement.distribution(wh, page.filters, of="engaged_seconds")
    parts = drill_parts.lengths(page, bins, "engaged_seconds", 10, has_longer=True)
    reached = [behind(wh, drill.to(drill.SESSIONS, part.choice)) for part in parts.by_key.values()]
    short = replace(page, choice=drill.within(page.choice, "duration_seconds", None, 10)).choice
    assert sum(reached) == behind(wh, drill.to(drill.SESSIONS, short))


def test_an_hour_of_the_week_leads_to_its_sessions(wh, page):
    frame = engagement.hour_by_weekday(wh, page.filters)
    parts = drill_parts.hours(page, frame)
    total = sessions.count(wh, page.filters).item()
    assert_parts_hold_what_they_say(wh, parts, total, every=25)
    assert parts.key_at({"point_index": 0}) == "Mon-00"
    assert parts.key_at({"point_index": 24 * 3 + 9}) == "Thu-09"


def test_a_card_leads_to_what_it_counts(wh, page, home, monkeypatch):
    monkeypatch.setenv("DWELL_HOME", str(home))
    totals = overview.totals(wh, page.filters).row(0, named=True)
    assert (
        behind(wh, drill_metrics.address("session_count", page.choice)) == (totals["session_count"])
    )
    for metric in ("user_count", "new_user_count"):
        found = behind(wh, drill_metrics.address(metric, page.choice), users.count)
        assert found == totals[metric], metric


@pytest.mark.parametrize("metric", [m.name for m in registry.HEADLINES if m.unit == "rate"])
def test_a_rate_leads_to_the_sessions_above_its_line(wh, page, home, monkeypatch, metric):
    monkeypatch.setenv("DWELL_HOME", str(home))
    measured = query.run(wh, "overview.totals", page.filters, (metric, f"{metric}_n"))
    rate, of = measured.row(0)
    found = behind(wh, drill_metrics.address(metric, page.choice))
    assert found == round(rate * of) < totals_of(wh, page)
    assert drill_metrics.words(metric) != "Show the sessions"


@pytest.mark.parametrize("preset", ["dwell", "ga4", "plausible", "matomo", "posthog"])
def test_a_bounce_by_any_definition_leads_to_its_sessions(wh, page, home, monkeypatch, preset):
    monkeypatch.setenv("DWELL_HOME", str(home))
    rates = {row["preset"]: row for row in engagement.bounce_presets(wh, page.filters).to_dicts()}
    row = rates[preset]
    found = behind(wh, drill.to(drill.SESSIONS, drill_metrics.bounces(page.choice, preset)))
    assert found == round(row["bounce_rate"] * row["session_count"])


@pytest.mark.parametrize("dimension", ["entry_page", "device_type", "browser", "hour"])
def test_a_row_of_a_breakdown_leads_to_its_sessions_and_to_all_but_these(wh, page, dimension):
    total = sessions.count(wh, page.filters).item()
    for row in overview.breakdown(wh, page.filters, dimension, limit=3).iter_rows(named=True):
        row["is_rest"] = row["is_other"] or row["value"] is None
        ways = drill.ways(page.choice, dimension, row, lambda choice: drill.to("", choice))
        addresses = {words: address for (_, words), address in ways.items()}
        if row["is_other"]:
            assert addresses == {}
            continue
        assert behind(wh, addresses["Sessions"]) == row["session_count"]
        assert behind(wh, addresses["All but these"]) == total - row["session_count"]


@pytest.mark.parametrize(
    ("given", "low", "high", "expected"),
    [
        pytest.param([], 30.0, 60.0, ["<= 60", "!= <= 30"], id="two ends"),
        pytest.param([], None, 0.0, ["<= 0"], id="nothing below"),
        pytest.param([], 60.0, None, ["> 60"], id="no end"),
        pytest.param(["10..40"], 30.0, 60.0, ["10..40", "!= <= 30", "!= > 60"], id="chosen before"),
    ],
)
def test_a_range_is_told_so_that_what_was_chosen_still_holds(given, low, high, expected):
    duration = BY_NAME["duration_seconds"]
    narrowed = drill.within(Choice().with_texts(duration, given), duration.name, low, high)
    assert sorted(narrowed.texts(duration)) == sorted(expected)


def test_a_session_opens_on_a_page_of_its_own_with_the_filters():
    choice = Choice(period="custom", start=date(2026, 11, 1), end=date(2026, 11, 2))
    address = drill.session_address(choice, {"user_id": "a b&c", "session_id": "s=1"})
    page, _, query = address.partition("?")
    assert page == "sessions"
    own = {"session": ["s=1"]}
    assert parse_qs(query) == {name: [value] for name, value in encode(choice)} | own
