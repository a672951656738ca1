"""The models against a naive sessioniser, on histories that hypothesis makes up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.make import event
from tests.model_runs import Marts, run_models
from tests.oracle import Oracle, Rules, assert_says_the_same
from tests.search import some

MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
# The silences at which a definition changes its mind, and some between.
SILENCES = (
    timedelta(),
    timedelta(),
    MICROSECOND,
    timedelta(milliseconds=400),
    timedelta(seconds=10),
    timedelta(seconds=20),
    timedelta(seconds=20) + MICROSECOND,
    timedelta(seconds=30) - MICROSECOND,
    timedelta(seconds=30),
    5 * MINUTE,
    29 * MINUTE,
    30 * MINUTE - MICROSECOND,
    30 * MINUTE,
    30 * MINUTE + MICROSECOND,
    2 * timedelta(hours=4),
    timedelta(hours=24),
    timedelta(hours=24) + MICROSECOND,
)
TYPES = (
    *("page_view", "page_view", "click", "click", "prompt", "search", "error", "error"),
    *("scroll", "heartbeat", "idle", "active", "login", "logout", "session_start"),
    *("session_end", "page_leave", "workflow_start", "workflow_complete", "system"),
    *("session_expired", "token_refresh", "query", "activity"),
)
# web and app share the stream that is cut by inactivity; trk has the tracker's own sessions.
STREAMS = {"web": "inactivity", "app": "inactivity", "trk": "tracker"}
# An evening before clocks change in New York, and one before they change in Berlin.
STARTS = (datetime(2026, 10, 31, 23, 50), datetime(2026, 3, 28, 22, 30))  # noqa: DTZ001
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Kiritimati")

PROPERTIES = st.sampled_from(
    [
        None,
        {"x": 10, "y": 10},
        {"x": 40, "y": 10},
        {"x": 40.1, "y": 10},
        {"x": 100, "y": 10},
        {"text": "Best  Laptop"},
        {"text": "best laptop"},
        {"exit_reason": "error"},
        {"exit_reason": "unheard of"},
        {"session": {"action_count": 9, "page_views": "7", "queries": None, "errors": -1}},
        {"session": {"query_count": 2, "errors": "4", "workflowExecutions": 1}},
        {"session": {"totalActions": 0, "pageviews": [1], "queries": 3}},
    ]
)

PAGES = [f"/{number}" for number in range(10)]
# One of these besides what every event has.
COLUMNS = [
    *(("page_host", host) for host in (None, None, "shop.test")),
    *(("referrer", value) for value in ("", "/in", "https://shop.test/a", "https://Far.test/b")),
    *(("referrer", value) for value in ("(direct)", "null", "Far.test/b?x", "shop.test", "n/a")),
    *(("device_type", value) for value in ("desktop", "mobile", "bot")),
    *(("anonymous_id", value) for value in ("a", "b", "c", "d")),
    *(("browser", value) for value in ("Firefox", "Chrome")),
    *(("chat_id", value) for value in ("c1", "c2")),
    *(("session_type", value) for value in ("chat", "browse")),
    *(("model_group", value) for value in ("A", "B")),
    *(("tags", value) for value in ([], ["b", "a"], ["c"])),
]


@st.composite
def events_of(draw: st.DrawFn, start: datetime) -> list[dict[str, Any]]:
    """Events of some users, as the lake may hold them, in any order."""
    events = []
    for user in "abcdef"[: draw(st.integers(1, 6))]:
        # Few kinds a user, so that the boundary of one definition comes up alone.
        silences = draw(st.lists(st.sampled_from(SILENCES), min_size=1, max_size=3))
        types = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=4))
        pages = draw(st.sampled_from([[None], ["/0"], ["/0", "/1", None], PAGES]))
        sources = draw(st.sampled_from([["web"], ["trk"], ["web", "app"], sorted(STREAMS)]))
        properties = draw(st.lists(PROPERTIES, min_size=1, max_size=2))
        time = start
        for _ in range(draw(st.integers(1, 12))):
            source = draw(st.sampled_from(sources))
            column, value = draw(st.sampled_from(COLUMNS))
            given = {
                "user_id": user,
                "source": source,
                "stream": STREAMS[source],
                # Ids are no clock: among equal times they decide alone.
                "event_id": f"{draw(st.integers(0, 9))}-{len(events)}",
                "tracker_session_id": draw(st.sampled_from([None, "s1", "s2"])),
                "page": draw(st.sampled_from(pages)),
                "properties": draw(st.sampled_from(properties)),
            }
            events.append(event(time, draw(st.sampled_from(types)), **given | {column: value}))
            _name_mark(events, of_row=draw(st.booleans()))
            time += draw(st.sampled_from(silences))
    return draw(st.permutations(events))


def _name_mark(events: list[dict[str, Any]], of_row: bool) -> None:
    """Gives the last event the id that a mark of a row has, unless another one has it."""
    mark = events[-1]
    names = {
        "session_start": f"{mark['tracker_session_id']}:start",
        "workflow_start": f"workflow:{mark['event_id']}",
    }
    name = names.get(mark["event_type"])
    if of_row and name and all(e["event_id"] != name for e in events):
        mark["event_id"] = name


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[dict[str, Any]], datetime, Rules]:
    """Events, the time of the build, and the rules."""
    start = draw(st.sampled_from(STARTS))
    events = draw(events_of(start))
    newest = max(row["event_time"] for row in events)
    # At the newest event, long after, or before it: a clock that was ahead.
    now = newest + draw(
        st.sampled_from([timedelta(), timedelta(days=9), -MINUTE, -timedelta(hours=3)])
    )
    rules = Rules(
        time_zone=draw(st.sampled_from(ZONES)),
        timeout=draw(st.sampled_from([30 * MINUTE, 30 * MINUTE, 5 * MINUTE])),
        starts=draw(st.sampled_from([frozenset(), frozenset({"login"})])),
        internal_hosts=draw(st.sampled_from([frozenset(), frozenset({"far.test"})])),
        pattern_sessions=draw(st.sampled_from([20, 2])),
        pattern_actions=draw(st.sampled_from([5, 2])),
        rage_clicks=draw(st.sampled_from([3, 2, 4])),
        rage_click_distance=draw(st.sampled_from([30, 3])),
        repeated_query_time=draw(st.sampled_from([timedelta(seconds=20), timedelta(seconds=2)])),
    )
    return events, now, rules


def run_both(events: list[dict[str, Any]], now: datetime, rules: Rules) -> tuple[Marts, Oracle]:
    """The same events through the models and through the oracle."""
    marts = run_models(
        events,
        now,
        time_zone=rules.time_zone,
        timeout=rules.timeout,
        starts=tuple(rules.starts),
        internal_hosts=tuple(rules.internal_hosts),
        pattern_sessions=rules.pattern_sessions,
        pattern_actions=rules.pattern_actions,
        rage_clicks=rules.rage_clicks,
        rage_click_distance=rules.rage_click_distance,
        repeated_query_time=rules.repeated_query_time,
    )
    return marts, Oracle(events, now, rules)


@settings(max_examples=some(10, of=100))
@given(histories())
@example(([event(timedelta(minutes=m)) for m in (0, 5, 10, 45, 90)], datetime(2027, 1, 1), Rules()))  # noqa: DTZ001
def test_the_models_say_what_the_oracle_says(history: tuple[list[dict], datetime, Rules]) -> None:
    marts, oracle = run_both(*history)
    assert_says_the_same(marts.rows, oracle)
    assert marts.bad_rows() == {}


@settings(max_examples=some(3, of=20))
@given(st.data())
def test_the_order_in_which_events_arrive_changes_nothing(data: st.DataObject) -> None:
    events, now, rules = data.draw(histories())
    turned = data.draw(st.permutations(events))
    query = "select * from user_sessions order by session_id"
    first, second = (run_both(given, now, rules)[0].rows(query) for given in (events, turned))
    assert first == second


@pytest.mark.parametrize(
    ("numbers", "share", "wanted"),
    [([], 0.5, None), ([3.0], 0.9, 3.0), ([1.0, 2.0], 0.5, 1.5), ([0.0, 10.0], 0.9, 9.0)],
)
def test_the_oracle_knows_quantiles(
    numbers: list[float], share: float, wanted: float | None
) -> None:
    from tests.oracle import quantile

    assert quantile(numbers, share) == wanted
