"""The crosswalk against naive accounts of each tool, and by hand at the edges of their rules."""

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from etl.errors import ConfigError
from tests.make import NOON, build_home, commit_events, event, settings_of
from tests.naive_peers import TOOLS, is_action, visits_of
from tests.search import some
from tests.warehouse.small_builds import session, write_build
from warehouse.filters import Filters
from warehouse.metrics import crosswalk, overview
from warehouse.metrics.crosswalk_rules import PEERS, STEPS

ZONE = "Europe/Berlin"
CONFIG = f'time_zone = "{ZONE}"\nstarts = ["signup"]\ninternal_hosts = ["far.test"]\n'
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
# Those at which a rule changes its mind, and some between.
SILENCES = (
    *(timedelta(), timedelta(), INSTANT, 3 * SECOND, 10 * SECOND, 10 * SECOND + INSTANT),
    *(5 * MINUTE, 12 * MINUTE, 30 * MINUTE - INSTANT, 30 * MINUTE, 30 * MINUTE + INSTANT),
    *(29 * MINUTE, 28 * MINUTE, 31 * MINUTE, 7 * HOUR, 24 * HOUR),
)
TYPES = ("page_view", "page_view", "click", "heartbeat", "heartbeat", "scroll", "logout", "signup")
CAMPAIGNS = (None, None, None, None, "spring", "Spring", "autumn")
REFERRERS = (
    *(None, None, "/in", "https://shop.test/a", "https://Near.test/x?y", "https://far.test"),
    *("//near.test", "google / cpc", "https://other.test"),
)


def local_day(time):
    return time.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).date()


def means(visits):
    """What definitions says of these visits."""
    durations = [visit["duration"] for visit in visits]
    bounces = [visit["bounced"] for visit in visits if visit["bounced"] is not None]
    return (
        len(visits),
        pytest.approx(fmean(durations), rel=1e-9, abs=1e-9) if durations else None,
        pytest.approx(fmean(bounces)) if bounces else None,
    )


def assert_says_the_same(wh, filters, hits, own_hosts=()):
    """Every tool's row is that of its naive account, and ours that of the overview."""
    rows = {row[0]: row[1:] for row in crosswalk.definitions(wh, filters).rows()}
    assert list(rows) == ["dwell", *TOOLS]
    own = overview.totals(wh, filters).row(0, named=True)
    assert rows.pop("dwell") == tuple(own[name] for name in crosswalk.MEASURES)
    for name, row in rows.items():
        assert row == means(visits_of(name, hits, ZONE, own_hosts)), name


@st.composite
def histories(draw):
    """Hits of a few visitors, with all that a rule looks at; by few bytes, so that many fit."""
    events = []
    for user in range(draw(st.integers(1, 6))):
        # Near midnight in Berlin, and some near the change of the clock.
        start = draw(st.sampled_from((datetime(2026, 3, 10, 22), datetime(2026, 3, 29, 0))))  # noqa: DTZ001
        time = start + draw(st.integers(0, 180)) * MINUTE
        for kind, silence, campaign, referrer, device in draw(
            st.lists(
                st.tuples(
                    st.sampled_from(TYPES),
                    st.sampled_from(SILENCES),
                    st.sampled_from(CAMPAIGNS),
                    st.sampled_from(REFERRERS),
                    st.sampled_from((None, None, None, "bot")),
                ),
                max_size=60,
            )
        ):
            time += silence
            events.append(
                {
                    "event_id": f"{len(events) * 7 % 10}-{len(events)}",
                    "source": "web",
                    "session_id": "s",
                    "user_id": f"u{user}",
                    "event_time": time,
                    "event_date": local_day(time),
                    "event_number": 1,
                    "event_type": kind,
                    "page_host": "shop.test",
                    "referrer": referrer,
                    "campaign": campaign,
                    "device_type": device,
                    "is_query": False,
                    "is_error": False,
                }
            )
            events[-1]["is_action"] = is_action(events[-1])
    return events


@settings(max_examples=some(5, of=600), deadline=None)
@given(histories())
def test_each_tool_cuts_as_its_own_code_does(tmp_path_factory, events):
    home = tmp_path_factory.mktemp("crosswalk")
    own = [{"name": "time_zone", "value": ZONE}, {"name": "internal_hosts", "value": "far.test"}]
    write_build(home, [], events=events, time_zone=ZONE, settings=own)
    with warehouse.open(home) as wh:
        assert_says_the_same(wh, Filters(), events, own_hosts=("far.test",))


def test_runs_of_several_days_are_cut_after_each_24_hours(open_build):
    draw = random.Random(24)
    events = []
    for user in range(6):
        time = NOON
        for _ in range(400):
            time += draw.choice((timedelta(), 19 * MINUTE, 20 * MINUTE, 30 * MINUTE, 30 * MINUTE))
            # One user in three falls silent now and then.
            time += INSTANT if user % 3 == 0 and draw.random() < 0.01 else timedelta()
            events.append(
                {
                    **{"event_id": f"{draw.randrange(9)}-{len(events)}", "source": "web"},
                    **{"session_id": "s", "user_id": f"u{user}", "event_number": 1},
                    **{"event_time": time, "event_date": local_day(time), "device_type": None},
                    **{"event_type": "click", "referrer": None, "campaign": None},
                    **{"is_action": True, "is_query": False, "is_error": False},
                }
            )
    own = [{"name": "time_zone", "value": ZONE}]
    wh = open_build([], events=events, time_zone=ZONE, settings=own)
    assert_says_the_same(wh, Filters(), events)
    rows = {row[0]: row[1] for row in crosswalk.definitions(wh, Filters()).rows()}
    assert rows["posthog"] >= rows["ga4"] + 12


def made_up(seed=19, users=40):
    """Events of some users as a lake holds them, with streams, ids and all that filters ask."""
    draw = random.Random(seed)
    events = []
    for user in range(users):
        time = NOON + timedelta(days=draw.choice([0, 17, 18, 19]), minutes=draw.randrange(3000))
        sources = draw.choice([["web"], ["web", "app"], ["trk"], ["web", "trk"]])
        silences, types = draw.sample(SILENCES, 6), draw.sample(TYPES, 4)
        for _ in range(draw.randrange(1, 40)):
            source = draw.choice(sources)
            given = {
                "user_id": f"u{user}",
                "source": source,
                "stream": "tracker" if source == "trk" else "inactivity",
                "event_id": f"{draw.randrange(10)}-{len(events)}",
                "tracker_session_id": draw.choice([None, f"s{user}", f"t{user}"]),
                "page": draw.choice([None, "/", "/docs/a", "/docs/b"]),
                "page_host": draw.choice([None, "shop.test"]),
                "referrer": draw.choice(REFERRERS),
                "campaign": draw.choice(CAMPAIGNS),
                "browser": draw.choice([None, "Firefox", "Chrome"]),
                "device_type": draw.choice([None, "desktop", "mobile", *["mobile"] * 9, "bot"]),
                "session_type": draw.choice([None, "chat"]),
                "model_group": draw.choice([None, "A", "B"]),
            }
            kind = draw.choice(types)
            events.append(event(time, kind, **given))
            time += draw.choice(silences)
    return events


@cache
def hits():
    return made_up()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = tmp_path_factory.mktemp("crosswalk") / "home"
    commit_events(home, hits())
    build_home(home, settings_of(home, CONFIG))
    with warehouse.open(home) as wh:
        yield wh


def values(visit, name):
    """The values of those hits of a visit that a tool holds on to, but for unknown ones."""
    hits = visit["hits"]
    if visit["tool"] in ("plausible", "matomo"):
        hits = [hit for hit in hits if is_action(hit)]
    return [hit[name] for hit in hits if hit[name] is not None]


def first(visit, name):
    return next(iter(values(visit, name)), None)


def last(visit, name):
    return next(reversed(values(visit, name)), None)


CASES = {
    "all": ({}, lambda visit: True),
    "bots too": ({"include_bots": True}, lambda visit: True),
    "days": (
        {"start": date(2026, 3, 28), "end": date(2026, 3, 30)},
        lambda visit: date(2026, 3, 28) <= visit["start_date"] <= date(2026, 3, 30),
    ),
    "a source": ({"where": {"source": ["app"]}}, lambda v: "app" in values(v, "source")),
    "a device": ({"where": {"device_type": [None]}}, lambda v: first(v, "device_type") is None),
    "a browser": ({"where": {"browser": ["Chrome"]}}, lambda v: first(v, "browser") == "Chrome"),
    "a campaign": ({"where": {"campaign": ["spring"]}}, lambda v: first(v, "campaign") == "spring"),
    "pages": (
        {"where": {"entry_page": ["/docs/*"], "exit_page": ["/", "/docs/b"]}},
        lambda v: (
            (first(v, "page") or "").startswith("/docs/") and last(v, "page") in ("/", "/docs/b")
        ),
    ),
    "a segment": (
        {"segments": [{"model_group": ["A"], "session_type": ["chat"]}]},
        lambda v: first(v, "model_group") == "A" and first(v, "session_type") == "chat",
    ),
    "weekdays": (
        {"where": {"weekday": ["6..7"]}},
        lambda v: v["start_date"].isoweekday() >= 6,
    ),
    "numbers": (
        {
            "where": {
                "duration_seconds": [">= 3"],
                "event_count": ["2..9"],
                "page_view_count": [">= 1"],
            }
        },
        lambda v: (
            v["duration"] >= 3
            and 2 <= len(v["hits"]) <= 9
            and any(hit["event_type"] == "page_view" for hit in v["hits"])
        ),
    ),
    "a cohort": (
        {"where": {"cohort_month": ["2026-03"], "action_count": [">= 2"]}},
        lambda v: len([hit for hit in v["hits"] if is_action(hit)]) >= 2,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_filters_hold_for_the_sessions_so_cut(built, case):
    given, holds = CASES[case]
    filters = Filters(**given)
    rows = {row[0]: row[1:] for row in crosswalk.definitions(built, filters).rows()}
    for name in TOOLS:
        visits = visits_of(name, hits(), ZONE, ("far.test",), ("signup",))
        taken = [visit for visit in visits if holds(visit | {"tool": name})]
        assert rows[name] == means(taken), name


def cut_naively(rule, timeout, ends=False, midnight=False):
    """How many sessions these rules alone make."""
    count = 0
    last = {}
    firsts = ("session_start", "signup")
    lasts = ("session_end", "logout", "session_expired")
    ranks = {**dict.fromkeys(firsts, 0), **dict.fromkeys(lasts, 2)}
    for hit in sorted(
        hits(),
        key=lambda e: (e["event_time"], ranks.get(e["event_type"], 1), e["event_id"], e["source"]),
    ):
        visitor = hit["user_id"], hit["device_type"] == "bot"
        if visitor[1] and not rule.takes_bots:
            continue
        before = last.get(visitor)
        last[visitor] = hit
        if before is None:
            count += 1
            continue
        gap = hit["event_time"] - before["event_time"]
        reached = "timeout_reached" in rule.cuts and timeout == "its own"
        is_cut = gap >= 30 * MINUTE if reached else gap > 30 * MINUTE
        if ends:
            is_cut |= before["event_type"] in ("logout", "session_expired")
            is_cut |= hit["event_type"] == "signup"
        if midnight:
            is_cut |= local_day(before["event_time"]) != local_day(hit["event_time"])
        count += is_cut
    return count


@pytest.mark.parametrize(
    ("to", "include_bots"), [*((name, False) for name in TOOLS), ("ga4", True)]
)
def test_the_steps_go_from_our_sessions_to_those_of_the_tool(built, to, include_bots):
    rule, filters = PEERS[to], Filters(include_bots=include_bots)
    steps = dict(crosswalk.waterfall(built, filters, to).rows())
    assert list(steps) == [name for name in STEPS if name in steps]
    rows = {row[0]: row[1] for row in crosswalk.definitions(built, filters).rows()}
    assert steps["dwell"] == rows["dwell"]
    with_bots = overview.totals(built, Filters(include_bots=rule.takes_bots))
    assert steps["bots"] == with_bots["session_count"].item()
    assert steps["one_line"] == cut_naively(rule, "ours", ends=True)
    assert steps["sign_outs"] == cut_naively(rule, "ours")
    assert steps["timeout"] == cut_naively(rule, "its own")
    assert ("midnight" in steps) == (to in ("universal_analytics", "matomo", "mixpanel"))
    if "midnight" in steps:
        assert steps["midnight"] == cut_naively(rule, "its own", midnight=True)
    assert list(steps.values())[-1] == rows[to]


def test_the_way_to_our_own_sessions_has_no_steps(built):
    frame = crosswalk.waterfall(built, Filters(), "dwell")
    assert frame.rows() == [("dwell", overview.totals(built, Filters())["session_count"].item())]


# What the documents of the tools say, by hand: sessions of hits at these minutes after noon.
HAND = {
    "exactly 30:00": ([(0, {}), (30, {})], {"matomo": 2}),
    "30:00.000001": ([(0, {}), (30 + 1 / 6e7, {})], dict.fromkeys(TOOLS, 2)),
    "midnight": (
        [(12 * 60 - 65, {}), (12 * 60 - 55, {})],
        {"universal_analytics": 2, "matomo": 2, "mixpanel": 2},
    ),
    "midnight of UTC": ([(12 * 60 - 5, {}), (12 * 60 + 5, {})], {}),
    "a campaign comes": (
        [(0, {}), (1, {"campaign": "a"}), (2, {})],
        {"universal_analytics": 2, "matomo": 2},
    ),
    "a campaign again": (
        [(0, {"campaign": "a"}), (2, {"campaign": "a"}), (60, {}), (61, {"campaign": "A"})],
        # Matomo's second visit is direct, and the campaign is not its own.
        {**dict.fromkeys(TOOLS, 2), "universal_analytics": 3, "matomo": 3},
    ),
    "the same campaign in another visit": (
        [(0, {"campaign": "a"}), (60, {}), (61, {"campaign": "a"})],
        {**dict.fromkeys(TOOLS, 2), "matomo": 3},
    ),
    "another site": (
        [(0, {}), (1, {"referrer": "https://near.test/"}), (2, {"referrer": "https://near.test/b"})],
        {"universal_analytics": 2},
    ),
    "pings": (
        [(0, {}), (25, {"event_type": "heartbeat"}), (50, {}), (90, {"event_type": "heartbeat"})],
        {**dict.fromkeys(TOOLS, 2), "plausible": 1, "matomo": 1},
    ),
    "a campaign before midnight and after": (
        [(12 * 60 - 65, {"campaign": "a"}), (12 * 60 - 55, {}), (12 * 60 - 54, {"campaign": "a"})],
        {"universal_analytics": 2, "matomo": 3, "mixpanel": 2},
    ),
    # The second begins after 24:20, as what comes at exactly 24:00 stays.
    "two days": (
        [(20 * n, {}) for n in range(146)],
        {"posthog": 2, "universal_analytics": 3, "matomo": 3, "mixpanel": 3},
    ),
    "exactly a day": (
        [(20 * n, {}) for n in range(73)],
        {"universal_analytics": 2, "matomo": 2, "mixpanel": 2},
    ),
    "more than a day": ([(20 * n, {}) for n in range(74)], {
        "posthog": 2, "universal_analytics": 2, "matomo": 2, "mixpanel": 2,
    }),
    "a bot": ([(0, {}), (1, {"device_type": "bot"})], {"universal_analytics": 2}),
}  # fmt: skip


@pytest.fixture(scope="module")
def by_hand(open_shared_build):
    """All of these, each as a source with a user of its own."""
    events = []
    for case, (hits_given, _) in HAND.items():
        for number, (at, others) in enumerate(hits_given):
            time = NOON + at * MINUTE
            one = {"event_type": "click", "device_type": None, **others}
            events.append(
                {
                    **{"event_id": f"{number:03d}", "source": case, "session_id": case},
                    **{"user_id": case, "event_number": number, "page_host": "shop.test"},
                    **{"event_time": time, "event_date": local_day(time)},
                    **{"is_action": is_action(one), "is_query": False, "is_error": False},
                    **one,
                }
            )
    own = [{"name": "time_zone", "value": ZONE}]
    return open_shared_build([], events=events, time_zone=ZONE, settings=own)


@pytest.mark.parametrize("case", HAND)
def test_edges_by_hand(by_hand, case):
    rows = crosswalk.definitions(by_hand, Filters(where={"source": [case]})).rows()
    wanted = dict.fromkeys(TOOLS, 1) | HAND[case][1]
    assert {name: count for name, count, *_ in rows[1:]} == wanted


def test_without_sessions_nothing_is_measured(open_build):
    wh = open_build([])
    assert crosswalk.definitions(wh, Filters()).rows() == [
        (name, 0, None, None) for name in ("dwell", *TOOLS)
    ]
    assert set(crosswalk.waterfall(wh, Filters(), "matomo")["session_count"]) == {0}


def test_what_is_not_exact_is_refused(open_shared_build):
    wh = open_shared_build([session("ann")])
    for function in (crosswalk.definitions, lambda *given: crosswalk.waterfall(*given, "ga4")):
        with pytest.raises(ConfigError, match=r"derive pattern of sessions.*work: source, device"):
            function(wh, Filters(where={"pattern": ["explorer"]}))
    with pytest.raises(ConfigError, match=r"tool 'matom'.*matomo"):
        crosswalk.waterfall(wh, Filters(), "matom")


@pytest.mark.parametrize("rule", PEERS.values(), ids=lambda rule: rule.name)
def test_the_handbook_has_each_rule_and_where_it_is_from(rule):
    text = (Path(__file__).parents[3] / "docs" / "definitions.md").read_text(encoding="utf-8")
    for words in (rule.begins, rule.at_timeout, rule.lasts, rule.bounces, *rule.sources):
        assert words in text
    assert rule.lacking in text
