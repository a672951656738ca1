"""Lengths, times and bounces of sessions: worked out by hand, and by oracles that share no code."""

import math
from collections import Counter
from datetime import date, timedelta
from statistics import NormalDist, quantiles
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from etl.errors import ConfigError
from tests.warehouse.small_builds import NOON, at, session, write_build
from warehouse.filters import Filters
from warehouse.metrics import engagement

DAY = Filters(start=NOON.date(), end=NOON.date())


def lasting(*seconds, **others):
    """A session of another user for each length."""
    return [session(f"u{n}", seconds=length, **others) for n, length in enumerate(seconds)]


# Case: lengths, and bins that hold some: (above, up to) → sessions.
BINS = {
    "one event": ([0], {(0, 0): 1}),
    "less than a second": ([0.001], {(0, 1): 1}),
    "an edge belongs below": ([1, 1.001], {(0, 1): 1, (1, 2): 1}),
    "a minute and a bit": ([60, 60.5, 120], {(30, 60): 1, (60, 120): 2}),
    "a whole day is the last that is no suspect": ([86_400, 86_401], {(28_800, 86_400): 1}),
}


@pytest.mark.parametrize(("seconds", "bins"), BINS.values(), ids=BINS)
def test_sessions_are_in_the_bin_of_their_length(open_build, seconds, bins):
    answer = engagement.distribution(open_build(lasting(*seconds)), DAY)
    filled = {(low, high): count for low, high, count in answer.iter_rows() if count}
    assert filled == bins


def test_bins_have_no_gaps_and_end_with_the_longest_session(open_build):
    answer = engagement.distribution(open_build(lasting(0, 100)), DAY)
    edges = [0, 0, 1, 2, 5, 10, 20, 30, 60, 120]
    assert answer["low_seconds"].to_list() == edges[:-1]
    assert answer["high_seconds"].to_list() == edges[1:]
    assert answer["session_count"].to_list() == [1, *[0] * 7, 1]


def test_what_is_longer_than_the_last_bin_has_one_of_its_own(open_build):
    answer = engagement.distribution(open_build(lasting(90_000, is_suspect=False)), DAY)
    assert answer.row(-1) == (86_400, None, 1)


def test_engaged_time_has_bins_as_well(open_build):
    answer = engagement.distribution(open_build(lasting(0, 100, 200)), DAY, "engaged_seconds")
    assert answer.row(-1) == (20, 30, 2)


@pytest.mark.parametrize("name", ["distribution", "percentiles", "survival", "sessions_per_user"])
def test_without_sessions_there_are_no_rows(open_build, name):
    frame = getattr(engagement, name)(open_build([]), Filters())
    assert frame.is_empty()
    assert frame.columns


@pytest.mark.parametrize(
    ("grain", "starts"),
    [
        ("day", [date(2026, 3, 9) + timedelta(days=n) for n in range(9)]),
        ("week", [date(2026, 3, 9), date(2026, 3, 16)]),
        ("month", [date(2026, 3, 1)]),
    ],
)
def test_percentiles_have_a_row_for_each_period(open_build, grain, starts):
    lengths = [3, 1, 4, 15, 92, 65, 35]
    rows = [session(f"u{n}", NOON, length) for n, length in enumerate(lengths)]
    late = [session("late", NOON + timedelta(days=7), 7), session("long", NOON, 90_000)]
    period = Filters(start=date(2026, 3, 9), end=date(2026, 3, 17))
    answer = engagement.percentiles(open_build([*rows, *late]), period, grain)
    assert answer["period_start"].to_list() == starts
    counts = {"day": [0, 7, 0, 0, 0, 0, 0, 0, 1], "week": [7, 1], "month": [8]}
    assert answer["session_count"].to_list() == counts[grain]
    if grain == "week":
        # Those of Python's own, which takes the same way between two values.
        cuts = quantiles(lengths, n=20, method="inclusive")
        wanted = [cuts[place] for place in (4, 9, 14, 17, 18)]
        assert answer.row(0)[1:6] == pytest.approx(wanted, rel=1e-12)
        assert answer.row(1)[1:6] == (7,) * 5
    if grain == "day":
        assert answer.row(0)[1:6] == (None,) * 5


def test_an_open_period_has_the_percentiles_of_the_data(open_build):
    rows = [session("a"), session("b", NOON + timedelta(days=2))]
    answer = engagement.percentiles(open_build(rows), Filters())
    assert answer["session_count"].to_list() == [1, 0, 1]


def kaplan_meier(rows, seconds):
    """The estimate, and the band of 95 %, of one moment: step by step, as in the textbook."""
    rate, variance = 1.0, 0.0
    for length in sorted({length for length, _ in rows if length <= seconds}):
        at_risk = sum(other >= length for other, _ in rows)
        ended = sum(other == length and not is_open for other, is_open in rows)
        if ended == at_risk:
            return 0.0, None, None
        rate *= 1 - ended / at_risk
        variance += ended / (at_risk * (at_risk - ended))
    if rate == 1.0:
        return 1.0, None, None
    # theta = log(-log S), with the delta method.
    theta = math.log(-math.log(rate))
    spread = NormalDist().inv_cdf(0.975) * math.sqrt(variance) / abs(math.log(rate))
    low, high = (math.exp(-math.exp(theta + sign * spread)) for sign in (1, -1))
    return rate, low, high


def survival_of(wh):
    return list(engagement.survival(wh, Filters()).iter_rows())


def assert_is_kaplan_meier(answer, rows):
    assert [row[0] for row in answer] == [
        second for second in engagement._SECONDS if second <= max(length for length, _ in rows)
    ]
    for seconds, rate, low, high, at_risk in answer:
        wanted = kaplan_meier(rows, seconds)
        told = (rate, low, high)
        assert [value is None for value in told] == [value is None for value in wanted], seconds
        assert [v for v in told if v is not None] == pytest.approx(
            [v for v in wanted if v is not None], abs=1e-9
        )
        assert at_risk == sum(length >= seconds for length, _ in rows)


# Case: lengths, and whether each session is open.
LENGTHS = {
    "all have ended": [(1, False), (2, False), (3, False)],
    "one is open": [(0, False), (5, True), (5, False), (9, False)],
    "the longest is open": [(3, False), (7, False), (30, True)],
    "all are open": [(3, True), (7, True)],
    "nobody lasted": [(0, False), (0, False)],
    "one alone": [(10, False)],
    "an open one ends the data": [(1, False), (1, True)],
}


@pytest.mark.parametrize("rows", LENGTHS.values(), ids=LENGTHS)
def test_survival_is_that_of_kaplan_and_meier(open_build, rows):
    built = [
        session(f"u{n}", seconds=length, is_open=is_open)
        for n, (length, is_open) in enumerate(rows)
    ]
    assert_is_kaplan_meier(survival_of(open_build(built)), rows)


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 0.5, 1, 3, 10, 12.5, 60, 900, 86_400]), st.booleans()),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=20, deadline=None)
def test_survival_of_any_sessions_is_that_of_kaplan_and_meier(tmp_path_factory, rows):
    home = tmp_path_factory.mktemp("home")
    write_build(
        home,
        [
            session(f"u{n}", seconds=length, is_open=is_open)
            for n, (length, is_open) in enumerate(rows)
        ],
        events=[],
        as_of=NOON,
    )
    with warehouse.open(home) as wh:
        answer = survival_of(wh)
        assert_is_kaplan_meier(answer, rows)
        # What holds of any such curve.
        rates = [row[1] for row in answer]
        assert rates == sorted(rates, reverse=True)
        assert all(low <= rate <= high for _, rate, low, high, _ in answer if low is not None)
        counts = engagement.distribution(wh, Filters())["session_count"]
        assert counts.sum() == len(rows)


def test_a_suspect_session_is_in_no_curve(open_build):
    answer = survival_of(open_build(lasting(5, 90_000)))
    assert answer[0][-1] == 1


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata"])
def test_sessions_are_counted_by_their_local_hour(open_build, zone):
    # Around the change to summer time in Berlin, and around local midnight everywhere.
    starts = [at("2026-03-28 21:30") + timedelta(minutes=47 * n) for n in range(60)]
    local = [start.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)) for start in starts]
    rows = [
        session(f"u{n}", start, start_date=day.date())
        for n, (start, day) in enumerate(zip(starts, local, strict=True))
    ]
    wh = open_build(rows, time_zone=zone)
    answer = engagement.hour_by_weekday(wh, Filters())
    assert answer.height == 168
    counted = {(w, h): n for w, h, n, *_ in answer.iter_rows() if n}
    assert counted == Counter((moment.isoweekday(), moment.hour) for moment in local)


def test_rates_are_of_the_weekdays_that_the_period_has(open_build):
    rows = [session(f"u{n}", NOON + timedelta(weeks=n)) for n in (0, 0, 1)]
    rows[1]["session_id"] = "another"
    # Three Tuesdays, two of the other days but Monday, of which there are three too.
    period = Filters(start=date(2026, 3, 9), end=date(2026, 3, 24))
    answer = engagement.hour_by_weekday(open_build(rows), period)
    by_hour = {(row[0], row[1]): row[2:] for row in answer.iter_rows()}
    assert by_hour[2, 12] == (3, 3, 1.0)
    assert by_hour[1, 12] == (0, 3, 0.0)
    assert by_hour[3, 12] == (0, 2, 0.0)
    alone = engagement.hour_by_weekday(open_build(rows), DAY)
    by_hour = {(row[0], row[1]): row[2:] for row in alone.iter_rows()}
    assert by_hour[2, 12] == (2, 1, 2.0)
    assert by_hour[3, 12] == (0, 0, None)


def test_users_are_counted_by_their_sessions_in_the_period(open_build):
    times = {"ann": 3, "bob": 1, "cat": 1}
    rows = [
        session(u, NOON + timedelta(hours=n)) for u, count in times.items() for n in range(count)
    ]
    early = session("bob", NOON - timedelta(days=1))
    answer = engagement.sessions_per_user(open_build([*rows, early]), DAY)
    assert answer.rows() == [(1, 2), (3, 1)]


def pages(seconds, views, actions, **others):
    return session("u", NOON, seconds, page_view_count=views, action_count=actions, **others)


# Case: a session, and for whom it is a bounce (None: it does not count).
PRESETS = {
    #                                             dwell ga4 plausible matomo posthog
    "one page, and gone": (pages(0, 1, 1), (1, 1, 1, 1, 1)),
    "one page for 9 s": (pages(9, 1, 1), (1, 1, 1, 1, 1)),
    "one page for 10 s": (pages(10, 1, 1), (1, 1, 1, 1, 0)),
    "one page for 10.1 s": (pages(10.1, 1, 1), (1, 0, 1, 1, 0)),
    "one page for 30 s": (pages(30, 1, 1), (0, 0, 1, 1, 0)),
    "two pages at once": (pages(1, 2, 2), (0, 0, 0, 0, 0)),
    "a page and a click": (pages(1, 1, 2), (0, 1, 0, 0, 0)),
    "one click, no page": (pages(0, 0, 1), (1, 1, 1, 0, None)),
    "still open": (pages(0, 1, 1, is_open=True), (None,) * 5),
}


@pytest.mark.parametrize(("row", "bounces"), PRESETS.values(), ids=PRESETS)
def test_each_preset_has_its_own_bounces(open_build, row, bounces):
    answer = engagement.bounce_presets(open_build([row]), DAY)
    assert answer["preset"].to_list() == ["dwell", "ga4", "plausible", "matomo", "posthog"]
    assert tuple(answer["bounce_rate"]) == bounces
    assert answer["session_count"].to_list() == [0 if one is None else 1 for one in bounces]


def test_presets_are_of_the_same_sessions(open_build):
    rows = [dict(row, session_id=name, user_id=name) for name, (row, _) in PRESETS.items()]
    answer = engagement.bounce_presets(open_build(rows), DAY)
    by_preset = zip(*(bounces for _, bounces in PRESETS.values()), strict=True)
    known = [[bounce for bounce in bounces if bounce is not None] for bounces in by_preset]
    assert answer["bounce_rate"].to_list() == pytest.approx([sum(b) / len(b) for b in known])
    assert answer["session_count"].to_list() == [len(b) for b in known]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("distribution", {"of": "duration"}),
        ("percentiles", {"of": "engaged"}),
        ("percentiles", {"grain": "hour"}),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_known(open_build, name, given):
    with pytest.raises(ConfigError, match=r"Unknown .* (Did you mean|Known)"):
        getattr(engagement, name)(open_build([]), DAY, **given)


def test_filters_narrow_what_is_measured(open_build):
    rows = [*lasting(5), *lasting(100, device_type="mobile", user_id="x", session_id="m")]
    answer = engagement.survival(open_build(rows), Filters(where={"device_type": "mobile"}))
    assert answer["at_risk_count"].max() == 1
