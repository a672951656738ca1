"""The lab against a naive sessioniser, against full builds, and by hand."""

import math
import random
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from statistics import median

import pytest

import warehouse
from etl.errors import ConfigError
from tests.make import NOON, build_home, commit_events, event, settings_of
from tests.oracle import Oracle, Rules
from tests.warehouse.small_builds import session
from warehouse.filters import Filters
from warehouse.metrics import lab, overview
from warehouse.metrics.lab_conditions import OF_EVENTS, OF_SESSIONS

MICROSECOND, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
# Those at which a timeout changes its mind, and some between.
SILENCES = (
    *(timedelta(), timedelta(), MICROSECOND, timedelta(seconds=3), timedelta(seconds=29)),
    *(30 * timedelta(seconds=1), 2 * MINUTE, 5 * MINUTE, 5 * MINUTE + MICROSECOND, 12 * MINUTE),
    *(20 * MINUTE, 30 * MINUTE, 30 * MINUTE + MICROSECOND, 45 * MINUTE, 60 * MINUTE + MICROSECOND),
    *(119 * MINUTE, 120 * MINUTE, 120 * MINUTE + MICROSECOND, timedelta(hours=7)),
    timedelta(hours=25),
)
TYPES = (
    *("page_view", "page_view", "click", "prompt", "error", "scroll", "idle", "logout", "login"),
    *("session_start", "session_end", "session_expired", "query"),
)
STREAMS = {"web": "inactivity", "app": "inactivity", "trk": "tracker"}
CONFIG = 'time_zone = "Europe/Berlin"\nstarts = ["login"]\ninternal_hosts = ["far.test"]\n'
NOW = NOON + timedelta(days=200)
RULES = Rules(
    time_zone="Europe/Berlin",
    starts=frozenset({"login"}),
    internal_hosts=frozenset({"far.test"}),
)


def made_up(seed=19, users=40):
    """Events of some users, with ties, forced cuts, trackers' ids and all that filters ask for."""
    draw = random.Random(seed)
    events = []
    for user in range(users):
        # Around a change of the clock; some end near as-of.
        time = NOON + timedelta(days=draw.choice([0, 17, 18, 19]), minutes=draw.randrange(3000))
        sources = draw.choice([["web"], ["web", "app"], ["trk"], ["web", "trk"]])
        silences = draw.sample(SILENCES, 6)
        types = draw.sample(TYPES, 4)
        for _ in range(draw.randrange(1, 40)):
            source = draw.choice(sources)
            given = {
                "user_id": f"u{user}",
                "source": source,
                "stream": STREAMS[source],
                "event_id": f"{draw.randrange(10)}-{len(events)}",
                "tracker_session_id": draw.choice([None, f"s{user}", f"t{user}"]),
                "page": draw.choice([None, "/", "/docs/a", "/docs/b"]),
                "page_host": draw.choice([None, "shop.test"]),
                "referrer": draw.choice([None, "/in", "https://shop.test/a", "https://near.test"]),
                "campaign": draw.choice([None, None, "spring"]),
                "browser": draw.choice([None, "Firefox", "Chrome"]),
                "device_type": draw.choice([None, "desktop", "mobile", *["mobile"] * 9, "bot"]),
                "session_type": draw.choice([None, "chat"]),
                "model_group": draw.choice([None, "A", "B"]),
                "tags": draw.choice([None, ["a"], ["b", "c"]]),
            }
            events.append(event(time, draw.choice(types), **given))
            time += draw.choice(silences)
    return events


@cache
def by_hand(minutes):
    """The sessions of the made-up events under a timeout, as the oracle cuts them."""
    rules = Rules(**{**vars(RULES), "timeout": timedelta(minutes=minutes)})
    return Oracle(made_up(), NOW, rules).sessions


def local_hour(row):
    """The hour of a session's start in Berlin: CET before 29 March 2026, 01:00 UTC, then CEST."""
    change = NOON.replace(month=3, day=29, hour=1)
    return (row["start_time"] + timedelta(hours=2 if row["start_time"] >= change else 1)).hour


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = tmp_path_factory.mktemp("lab") / "home"
    commit_events(home, made_up())
    build_home(home, settings_of(home, CONFIG))
    with warehouse.open(home) as wh:
        yield wh


# Conditions, and what they say of a session of the oracle.
CASES = {
    "all": ({}, lambda row: True),
    "bots too": ({"include_bots": True}, lambda row: True),
    "days": (
        {"start": date(2026, 3, 28), "end": date(2026, 3, 30)},
        lambda row: date(2026, 3, 28) <= row["start_date"] <= date(2026, 3, 30),
    ),
    "a source": ({"where": {"source": ["app"]}}, lambda row: "app" in row["sources"]),
    "not a source": ({"where": {"source": ["!= trk"]}}, lambda row: "trk" not in row["sources"]),
    "a browser": ({"where": {"browser": ["Firefox"]}}, lambda row: row["browser"] == "Firefox"),
    "no campaign": ({"where": {"campaign": [None]}}, lambda row: row["campaign"] is None),
    "pages of docs": (
        {"where": {"entry_page": ["/docs/*"], "exit_page": ["/", "/docs/b"]}},
        lambda row: (
            (row["entry_page"] or "").startswith("/docs/") and row["exit_page"] in ("/", "/docs/b")
        ),
    ),
    "a first session": ({"where": {"is_new_user": ["true"]}}, lambda row: row["is_new_user"]),
    "hours": ({"where": {"hour": ["6..14"]}}, lambda row: 6 <= local_hour(row) <= 14),
    "weekdays": (
        {"where": {"weekday": ["6..7"]}},
        lambda row: row["start_date"].isoweekday() >= 6,
    ),
    "lengths": (
        {"where": {"duration_seconds": ["10..4000"], "engaged_seconds": [">= 5"]}},
        lambda row: 10 <= row["duration_seconds"] <= 4000 and row["engaged_seconds"] >= 5,
    ),
    "counts": (
        {"where": {"event_count": [">= 2"], "action_count": ["<= 9"], "page_view_count": ["0..4"]}},
        lambda row: (
            row["event_count"] >= 2 and row["action_count"] <= 9 and row["page_view_count"] <= 4
        ),
    ),
    "errors and queries": (
        {"where": {"error_count": ["0"], "query_count": [">= 1"]}},
        lambda row: row["error_count"] == 0 and row["query_count"] >= 1,
    ),
    "a segment of models": (
        {"segments": [{"model_group": ["A"], "session_type": ["chat"]}]},
        lambda row: row["model_group"] == "A" and row["session_type"] == "chat",
    ),
    "an origin": (
        {"where": {"entry_source": ["external", None]}},
        lambda row: row["entry_source"] in ("external", None),
    ),
    "a tag": ({"where": {"tag": ["a"]}}, lambda row: "a" in row["tags"]),
}


@pytest.mark.parametrize("case", CASES)
def test_every_timeout_has_the_sessions_of_the_oracle(built, case):
    given, holds = CASES[case]
    filters = Filters(**given)
    is_of_sessions = case in ("an origin", "a tag")
    minutes = [m for m in (0.001, *lab.MINUTES, 1440) if m >= 30 or not is_of_sessions]
    frame = lab.timeouts(built, filters, minutes=minutes)
    assert frame["timeout_minutes"].to_list() == minutes
    for row in frame.to_dicts():
        taken = [
            each
            for each in by_hand(row["timeout_minutes"])
            if holds(each) and (filters.include_bots or not each["is_bot"])
        ]
        closed = [each for each in taken if not each["is_open"]]
        timed = [each["duration_seconds"] for each in taken if not each["is_suspect"]]
        assert row["session_count"] == len(taken), row
        assert_near(row["median_duration_seconds"], median(timed) if timed else None)
        assert_near(row["bounce_rate"], share(each["is_bounce"] for each in closed))
        assert_near(row["one_event_rate"], share(each["event_count"] == 1 for each in closed))


def share(flags):
    flags = list(flags)
    return sum(flags) / len(flags) if flags else None


def assert_near(told, wanted):
    assert told == wanted or math.isclose(told, wanted, rel_tol=1e-9), (told, wanted)


def test_the_row_of_the_build_is_that_of_the_overview(built):
    filters = Filters(start=date(2026, 3, 20), where={"pattern": [None]})
    row = lab.timeouts(built, filters, minutes=(30,)).row(0, named=True)
    told = overview.totals(built, filters).row(0, named=True)
    names = {"one_event_rate": "one_event_session_rate", "timeout_minutes": None}
    assert row == {"timeout_minutes": 30} | {
        name: told[names.get(name, name)] for name in row if name != "timeout_minutes"
    }


@pytest.mark.parametrize("minutes", [pytest.param(5, marks=pytest.mark.long), 60])
def test_a_row_is_that_of_a_full_build_with_its_timeout(built, minutes, tmp_path):
    home = tmp_path / "home"
    commit_events(home, made_up())
    build_home(home, settings_of(home, f'{CONFIG}timeout = "{minutes} min"\n'))
    filters = Filters(where={"cohort_month": ["2026-03"], "engaged_seconds": [">= 1"]})
    with warehouse.open(home) as other:
        for chosen in (Filters(), filters):
            (told,) = lab.timeouts(other, chosen, minutes=(minutes,)).rows()
            (derived,) = lab.timeouts(built, chosen, minutes=(minutes,)).rows()
            assert derived == pytest.approx(told)


def test_idle_timeouts_and_bounces_are_those_of_the_oracle(built):
    for seconds in (7, 30, 400):
        changed = {"idle_timeout": timedelta(seconds=seconds), "bounce": timedelta(seconds=seconds)}
        oracle = Oracle(made_up(), NOW, Rules(**{**vars(RULES), **changed}))
        people = [row for row in oracle.sessions if not row["is_bot"]]
        timed = [row["engaged_seconds"] for row in people if not row["is_suspect"]]
        closed = [row["is_bounce"] for row in people if not row["is_open"]]
        idle = lab.idle(built, Filters(), seconds=(seconds,)).row(0)
        assert idle == (seconds, pytest.approx(sum(timed) / len(timed)), len(timed))
        bounces = lab.bounces(built, Filters(), seconds=(seconds,)).row(0)
        assert bounces == (seconds, pytest.approx(share(closed)), len(closed))


def test_gaps_are_those_of_each_timeline(built):
    oracle = Oracle(made_up(), NOW, RULES)
    wanted = []
    given = {}
    for events, row in zip(oracle.cut, oracle.sessions, strict=True):
        pairs = list(pairwise(events))
        is_given = row["stream"] == "tracker" and events[0]["tracker_session_id"] is not None
        if not is_given:
            before = given.get((row["user_id"], row["stream"]))
            pairs += [(before, events[0])] if before else []
            given[row["user_id"], row["stream"]] = events[-1]
        if not row["is_bot"]:
            wanted += [(b["source"], b["event_time"] - a["event_time"]) for a, b in pairs]
    frame = lab.gaps(built, Filters())
    assert sum(frame["gap_count"]) == len(wanted)
    for source, low, high, count in frame.iter_rows():
        gaps = [gap / timedelta(seconds=1) for name, gap in wanted if name == source]
        assert count == sum(low < gap <= high or gap == low == high == 0 for gap in gaps)


# Events of users whose last ones decide what is open. As-of is that of `bob`, at 12:15.
OPEN_ENDS = {
    "a timeout ago, and one moment more": [
        event(-MINUTE),
        event(MINUTE * 0),
        event(-MICROSECOND, user_id="cat"),
        event(15 * MINUTE, user_id="bob"),
    ],
    "before a time to come, also what ends a tracker's session without an id": [
        event(8 * MINUTE),
        event(28 * MINUTE),
        event(8 * MINUTE, "session_end", source="trk", stream="tracker"),
        event(28 * MINUTE, source="trk", stream="tracker"),
        event(15 * MINUTE, user_id="bob"),
    ],
}


@pytest.mark.parametrize("events", OPEN_ENDS.values(), ids=list(OPEN_ENDS))
def test_what_is_open_is_so_in_a_build_with_the_timeout(tmp_path, events):
    rows = []
    for name, minutes in (("lab", 30), ("built", 15)):
        home = tmp_path / name
        commit_events(home, events)
        settings = settings_of(home, f'timeout = "{minutes}m"\n')
        build_home(home, settings, now=NOON + 16 * MINUTE)
        with warehouse.open(home) as wh:
            rows += lab.timeouts(wh, Filters(), minutes=(15,)).rows()
    assert rows[0] == rows[1]


def test_without_sessions_nothing_is_measured(open_build):
    wh = open_build([])
    assert lab.timeouts(wh, Filters(), minutes=(5, 30, 60)).rows() == [
        (minutes, 0, None, None, None) for minutes in (5, 30, 60)
    ]
    assert lab.gaps(wh, Filters()).is_empty()
    assert lab.valley(wh, Filters()).is_empty()
    assert lab.bounces(wh, Filters(), seconds=(5,)).rows() == [(5, None, 0)]
    assert lab.idle(wh, Filters(), seconds=(5,)).rows() == [(5, None, 0)]


REFUSED = {
    "no minutes": (lab.timeouts, {}, {"minutes": ()}, "minutes is empty"),
    "none above 0": (lab.timeouts, {}, {"minutes": (30, 0)}, "minutes has 0"),
    "not a number": (lab.timeouts, {}, {"minutes": (math.nan,)}, "Wanted: numbers above 0"),
    "a text": (lab.timeouts, {}, {"minutes": ("30",)}, "minutes has '30'"),
    "too long": (lab.timeouts, {}, {"minutes": (1e9,)}, "36525 days"),
    "no seconds": (lab.bounces, {}, {"seconds": (-1,)}, "seconds has -1"),
    "a pattern": (lab.timeouts, {"pattern": ["explorer"]}, {"minutes": (45,)}, "derive pattern of"),
    "an origin": (lab.timeouts, {"entry_source": ["direct"]}, {}, "shorter than the build's"),
    "engaged": (lab.idle, {"engaged_seconds": [">= 2"]}, {}, "changes with the idle timeout"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_exact_is_refused(open_shared_build, case):
    function, where, given, words = REFUSED[case]
    wh = open_shared_build([session("ann")])
    with pytest.raises(ConfigError, match=words) as refused:
        function(wh, Filters(where=where), **given)
    if case == "a pattern":
        assert all(name in str(refused.value) for name in (*OF_EVENTS, *OF_SESSIONS))
