"""Sessions: where they begin and end, and what their numbers mean at the boundaries."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.make import NOON, build_home, event, load_files, minutes, settings_of, write_ndjson
from tests.model_runs import apart, run_models
from warehouse.connection import open as open_warehouse

at = datetime.fromisoformat

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
# An event so much later that the sessions before it are closed.
CLOSED = event(9 * HOUR, user_id="later")


def session_of(events: Sequence[dict[str, Any]], **given: Any) -> dict[str, Any]:
    """The one session that the events make."""
    (session,) = run_models(events, **given).sessions()
    return session


def counts_of(events: Sequence[dict[str, Any]], **given: Any) -> list[int]:
    """How many events each session has, in order of time."""
    return [session["event_count"] for session in run_models(events, **given).sessions()]


def sessions_of(
    cases: Mapping[str, Sequence[dict[str, Any]]], *others: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Case → the sessions that its events make, beside other events."""
    sessions = run_models([*apart(cases), *others]).sessions()
    return {
        case: [one for one in sessions if one["user_id"].startswith(f"{case}/")] for case in cases
    }


def clicks(*offsets: timedelta, **columns: Any) -> list[dict[str, Any]]:
    """Clicks so long after noon."""
    return [event(offset, **columns) for offset in offsets]


WORKED_EXAMPLE = ["09:00", "09:05", "09:10", "09:45", "10:30"]


def test_changing_the_timeout_in_dwell_toml_redoes_history(tmp_path: Path) -> None:
    file = write_ndjson(
        tmp_path / "events.ndjson",
        [
            {"user": "ann", "time": f"2026-03-10T{clock}:00Z", "event": "click"}
            for clock in WORKED_EXAMPLE
        ],
    )
    home = tmp_path / "home"
    load_files(home, file)
    bounds = (
        "select strftime(start_time, '%H:%M'), strftime(end_time, '%H:%M') "
        "from user_sessions order by start_time"
    )
    assert build_home(home).sessions == 3
    with open_warehouse(home) as wh:
        assert wh.sql(bounds).fetchall() == [
            ("09:00", "09:10"),
            ("09:45", "09:45"),
            ("10:30", "10:30"),
        ]
    longer = settings_of(home, 'timeout = "40 min"')
    remade = build_home(home, longer)
    assert (remade.is_new, remade.sessions) == (True, 2)
    with open_warehouse(home) as wh:
        assert wh.sql(bounds).fetchall() == [("09:00", "09:45"), ("10:30", "10:30")]
        values = wh.sql("select value from settings where name = 'timeout'").fetchall()
        assert values == [("40 min",)]
    assert build_home(home).sessions == 3


# The events of a case, and how many of them each session has.
BY_INACTIVITY: dict[str, tuple[list[dict[str, Any]], list[int]]] = {
    "a silence of exactly 30:00 stays": (clicks(*minutes(0, 30)), [2]),
    "one of 30:00.000001 splits": (clicks(timedelta(), 30 * MINUTE + MICROSECOND), [1, 1]),
    "only the gap counts, not the length": (clicks(*minutes(0, 30, 60, 90)), [4]),
    "a logout ends the session": (
        [event(timedelta()), event(MINUTE, "logout"), event(2 * MINUTE)],
        [2, 1],
    ),
    "of equal times the logout comes last": (
        [
            event(timedelta(), event_id="a"),
            event(timedelta(), "logout", event_id="b"),
            event(timedelta(), event_id="c"),
        ],
        [3],
    ),
    "a second logout is a session of its own": (
        [event(timedelta(), "logout", event_id=name) for name in "ab"],
        [1, 1],
    ),
    "neither a login nor a session_start starts one unless it is told to": (
        [event(timedelta()), event(MINUTE, "login"), event(MINUTE, "session_start")],
        [3],
    ),
    "a session_end does not end it by inactivity": (
        [event(timedelta()), event(MINUTE, "session_end"), event(2 * MINUTE)],
        [3],
    ),
    "midnight does not split": (
        clicks(timedelta(hours=11, minutes=50), timedelta(hours=12, minutes=10)),
        [2],
    ),
    "a new campaign does not split": (
        [event(timedelta(), campaign="spring"), event(MINUTE, campaign="summer")],
        [2],
    ),
    "thirty hours are not cut": (clicks(*(30 * MINUTE * n for n in range(60))), [60]),
    "sources of one stream form one timeline": (
        [event(timedelta(), source="web"), event(MINUTE, source="app")],
        [2],
    ),
    "users are apart": ([event(timedelta()), event(MINUTE, user_id="bob")], [1, 1]),
}


def test_sessions_by_inactivity() -> None:
    sessions = sessions_of({case: events for case, (events, _) in BY_INACTIVITY.items()})
    counts = {case: [one["event_count"] for one in found] for case, found in sessions.items()}
    assert counts == {case: wanted for case, (_, wanted) in BY_INACTIVITY.items()}


def tracked(offset: timedelta, session: str | None, **columns: Any) -> dict[str, Any]:
    """An event of a source whose tracker counts sessions."""
    return event(
        offset, stream="tracker", tracker_session_id=session, **{"source": "trk"} | columns
    )


# The same where the tracker counts sessions.
BY_TRACKER: dict[str, tuple[list[dict[str, Any]], list[int]]] = {
    "silence does not split": ([tracked(timedelta(), "s1"), tracked(5 * HOUR, "s1")], [2]),
    "another id splits": ([tracked(timedelta(), "s1"), tracked(SECOND, "s2")], [1, 1]),
    "two may run at once": (
        [tracked(timedelta(), "s1"), tracked(SECOND, "s2"), tracked(2 * SECOND, "s1")],
        [2, 1],
    ),
    "a logout does not split": (
        [tracked(timedelta(), "s1", type="logout"), tracked(SECOND, "s1")],
        [2],
    ),
    "events without an id are cut by inactivity": (
        [tracked(m, None) for m in minutes(0, 30, 61)],
        [2, 1],
    ),
    "events without an id join no tracked session": (
        [tracked(timedelta(), "s1"), tracked(SECOND, None), tracked(MINUTE, "s1")],
        [2, 1],
    ),
    "streams do not mix": ([tracked(timedelta(), "s1"), event(SECOND)], [1, 1]),
    "one id is one session, whoever its events name": (
        [tracked(timedelta(), "s1"), tracked(SECOND, "s1", user_id="bob")],
        [2],
    ),
    "one id of two sources is two sessions": (
        [tracked(timedelta(), "s1"), tracked(SECOND, "s1", source="other")],
        [1, 1],
    ),
}


def test_sessions_by_tracker() -> None:
    sessions = sessions_of({case: events for case, (events, _) in BY_TRACKER.items()})
    counts = {case: [one["event_count"] for one in found] for case, found in sessions.items()}
    assert counts == {case: wanted for case, (_, wanted) in BY_TRACKER.items()}


@pytest.mark.parametrize(
    ("users", "wanted"),
    [
        ([("x1", "x1"), ("ann", "x1"), ("bob", "x1")], "ann"),
        ([("ann", None), ("x1", "x1")], "ann"),
        ([("x2", "x2"), ("x1", "x1")], "x2"),
    ],
)
def test_a_tracked_session_is_of_its_first_known_user_else_of_its_first(
    users: list[tuple[str, str | None]], wanted: str
) -> None:
    events = [
        tracked(n * SECOND, "s1", user_id=user, anonymous_id=anonymous)
        for n, (user, anonymous) in enumerate(users)
    ]
    assert session_of(events)["user_id"] == wanted


def test_a_start_event_begins_a_session_when_told_to() -> None:
    events = [event(timedelta()), event(MINUTE, "login"), event(2 * MINUTE)]
    assert counts_of(events, starts=("login",)) == [1, 2]


def test_another_end_event_ends_a_session_when_told_to() -> None:
    events = [
        event(timedelta()),
        event(MINUTE, "checkout"),
        event(2 * MINUTE, "logout"),
        event(3 * MINUTE),
    ]
    assert counts_of(events, ends=("checkout",)) == [2, 2]


def test_equal_times_are_ordered_starts_first_ends_last_then_by_id() -> None:
    events = [
        event(timedelta(), "logout", event_id="a"),
        event(timedelta(), "click", event_id="c"),
        event(timedelta(), "click", event_id="b"),
        event(timedelta(), "session_start", event_id="z"),
    ]
    order = "select event_id from session_events order by event_number"
    for arrived in (events, events[::-1]):
        ids = [row["event_id"] for row in run_models(arrived).rows(order)]
        assert ids == ["z", "b", "c", "a"]


def test_a_late_event_renames_only_the_session_that_it_begins() -> None:
    events = [event(m, event_id=f"e{n}") for n, m in enumerate(minutes(0, 5, 120, 240, 241))]
    before = [s["session_id"] for s in run_models(events).sessions()]
    inside = run_models([*events, event(121 * MINUTE, event_id="late")]).sessions()
    assert [s["session_id"] for s in inside] == before
    earlier = run_models([*events, event(119 * MINUTE, event_id="late")]).sessions()
    changed = [s["session_id"] != old for s, old in zip(earlier, before, strict=True)]
    assert changed == [False, True, False]


def test_a_late_event_joins_the_sessions_that_it_bridges() -> None:
    events = clicks(*minutes(0, 60))
    assert counts_of(events) == [1, 1]
    assert counts_of([*events, event(30 * MINUTE)]) == [3]


@pytest.mark.parametrize(
    ("zone", "time", "wanted"),
    [
        ("UTC", at("2026-03-10 23:59"), date(2026, 3, 10)),
        ("Europe/Berlin", at("2026-03-10 23:00"), date(2026, 3, 11)),
        ("Europe/Berlin", at("2026-03-10 22:59:59"), date(2026, 3, 10)),
        ("Europe/Berlin", at("2026-06-10 22:00"), date(2026, 6, 11)),
        ("America/New_York", at("2026-03-08 04:59"), date(2026, 3, 7)),
        ("America/New_York", at("2026-03-09 04:00"), date(2026, 3, 9)),
        ("Asia/Kolkata", at("2026-03-10 18:30"), date(2026, 3, 11)),
    ],
)
def test_a_session_belongs_to_the_local_day_of_its_start(
    zone: str, time: datetime, wanted: date
) -> None:
    events = [event(time), event(time + 20 * MINUTE)]
    assert session_of(events, time_zone=zone)["start_date"] == wanted


def test_users_are_counted_on_every_local_day_on_which_they_are_active() -> None:
    events = [event(timedelta(hours=11, minutes=50)), event(timedelta(hours=12, minutes=10))]
    days = run_models(events).rows(
        "select stat_date, total_sessions, unique_users, avg_duration_seconds "
        "from daily_session_stats where stream <> 'all' order by stat_date"
    )
    assert [tuple(day.values()) for day in days] == [
        (date(2026, 3, 10), 1, 1, 1200.0),
        (date(2026, 3, 11), 0, 1, None),
    ]


def test_an_hour_that_the_clock_skips_or_repeats_does_not_change_a_duration() -> None:
    # New York, 8 March 2026, 06:50 to 07:10 UTC: from 01:50 to 03:10 by the clock on the wall.
    for start in (at("2026-03-08 06:50"), at("2026-11-01 05:50")):
        events = [event(start), event(start + 20 * MINUTE)]
        assert session_of(events, time_zone="America/New_York")["duration_seconds"] == 1200


DURATIONS: dict[str, tuple[list[dict[str, Any]], float]] = {
    "one event": (clicks(timedelta()), 0),
    "two at the same time": (clicks(timedelta(), timedelta()), 0),
    "a microsecond": (clicks(timedelta(), MICROSECOND), 0.000001),
    "26 h keep their day": (clicks(*(30 * MINUTE * n for n in range(53))), 93600),
    "passive events count for time": (
        [event(timedelta(), "heartbeat"), event(5 * MINUTE, "heartbeat")],
        300,
    ),
}


def test_the_duration_is_end_minus_start() -> None:
    sessions = sessions_of({case: events for case, (events, _) in DURATIONS.items()})
    for case, (events, wanted) in DURATIONS.items():
        (session,) = sessions[case]
        assert session["duration_seconds"] == wanted, case
        assert session["has_duration"] == (len(events) >= 2), case


ENGAGED: dict[str, tuple[list[dict[str, Any]], float]] = {
    "one event has none": (clicks(timedelta()), 0),
    "a short gap counts in full": (clicks(timedelta(), 29 * SECOND), 29),
    "a long gap counts 30 s": (clicks(timedelta(), 31 * SECOND), 30),
    "gap by gap": (clicks(timedelta(), 10 * SECOND, 10 * MINUTE), 40),
    "nothing between idle and active": (
        [event(timedelta()), event(20 * SECOND, "idle"), event(60 * SECOND, "active")],
        20,
    ),
}


def test_engaged_time_is_capped_gap_by_gap() -> None:
    sessions = sessions_of({case: events for case, (events, _) in ENGAGED.items()})
    told = {case: found[0]["engaged_seconds"] for case, found in sessions.items()}
    assert told == {case: wanted for case, (_, wanted) in ENGAGED.items()}
    assert {len(found) for found in sessions.values()} == {1}


def test_the_idle_timeout_is_a_setting() -> None:
    events = clicks(timedelta(), 10 * MINUTE)
    assert session_of(events, idle_timeout=2 * MINUTE)["engaged_seconds"] == 120


def test_a_session_that_expired_is_over_and_the_next_event_starts_another() -> None:
    events = [event(timedelta()), event(SECOND, "session_expired"), event(2 * SECOND)]
    first, second = run_models(events).sessions()
    assert (first["exit_reason"], first["event_count"]) == ("timeout", 2)
    assert (first["is_open"], second["event_count"]) == (False, 1)


def test_passive_events_are_no_actions_and_all_others_are() -> None:
    passive = (
        "heartbeat", "activity", "scroll", "hover", "system", "model_response", "session_start",
        "session_end", "login", "page_leave", "redirect",
        "asset_request", "api_request", "background_request", "token_refresh",
    )  # fmt: skip
    active = ("prompt", "query", "search", "error", "page_view", "click", "anything_else")
    events = [event(n * SECOND, kind) for n, kind in enumerate([*passive, *active, "logout"])]
    session = session_of(events)
    assert session["event_count"] == len(passive) + len(active) + 1
    assert session["action_count"] == len(active)
    assert session["query_count"] == 3
    assert session["error_count"] == 1
    assert session["last_action"] == "anything_else"


def test_counts_of_pages_chats_and_workflows() -> None:
    session = session_of(
        [
            event(timedelta(), "page_view", page="/a"),
            event(1 * SECOND, "page_view", page="/b", chat_id="c1"),
            event(2 * SECOND, "page_view", page="/a", chat_id="c2"),
            event(3 * SECOND, "page_view"),
            event(4 * SECOND, "click", page="/c", chat_id="c2"),
            event(5 * SECOND, "workflow_start"),
            event(6 * SECOND, "workflow_complete"),
        ]
    )
    names = ("page_view_count", "distinct_page_count", "chat_count", "workflow_count")
    assert [session[name] for name in names] == [4, 2, 2, 1]
    assert (session["entry_page"], session["exit_page"]) == ("/a", "/c")


# What is told of where a visit came from → whether it came from a page of ours, or from nowhere.
REFERRERS = {
    None: "direct",
    "": "direct",
    "https://shop.test/x?q=1": "internal",
    "https://SHOP.test": "internal",
    "/local": "internal",
    "https://search.test/": "external",
    "https://help.test/": "internal",
    "https://shop.test.evil.test/": "external",
    "android-app://com.mail": "external",
    "//search.test/a": "external",
    "//shop.test/a": "internal",
    "www.search.test": "external",
    "Search.test/find?q=x": "external",
    "SHOP.test/cart": "internal",
    "port.test:443": "internal",
    "localhost:3000/a": "external",
    "[::1]:3000": "external",
    "münchen.test": "external",
    "../up": "internal",
    "?page=2": "internal",
    "index.html?a=1": "internal",
}
WORDS = (
    *("(direct)", "$direct", "direct", "null", "NULL", "undefined", "(none)", "(not set)", "-"),
    *("n/a", "\\N", "[object Object]", "google / organic", "Typed/Bookmarked", "about:blank"),
    *("  ", "...", '""', "<nil>", "None."),
)
HOSTS = ("help.test", "port.test:443")
OURS = ("https://help.test/", "port.test:443")


def sessions_from(referrers: Sequence[str | None], **given: Any) -> dict[str | None, Any]:
    """Referrer → the session of a user that began with it."""
    events = []
    for number, referrer in enumerate(referrers):
        page = {"page": "/", "page_host": "shop.test", "referrer": referrer}
        user = f"u{number:03}"
        events.append(event(timedelta(), "page_view", user_id=user, **page))
        events.append(event(SECOND, user_id=user))
    sessions = sorted(run_models(events, **given).sessions(), key=lambda one: one["user_id"])
    return dict(zip(referrers, sessions, strict=True))


def test_the_entry_source_is_read_from_the_referrer() -> None:
    sessions = sessions_from(list(REFERRERS), internal_hosts=HOSTS)
    told = {referrer: one["entry_source"] for referrer, one in sessions.items()}
    assert told == REFERRERS
    assert all(one["referrer"] == (referrer or None) for referrer, one in sessions.items())


def test_a_host_of_ours_is_another_site_unless_the_settings_name_it() -> None:
    told = {one["referrer"]: one["entry_source"] for one in sessions_from(OURS).values()}
    assert told == dict.fromkeys(OURS, "external")


def test_words_are_no_referrer() -> None:
    sessions = sessions_from(WORDS)
    told = {words: (one["entry_source"], one["referrer"]) for words, one in sessions.items()}
    assert told == dict.fromkeys(WORDS, ("direct", None))


ORIGINS: dict[str, tuple[list[dict[str, Any]], str | None]] = {
    "no page, no referrer: not known": ([event(timedelta())], None),
    "words tell no origin": ([event(timedelta(), referrer="(direct)")], None),
    "an event with a page": ([event(timedelta(), page="/a")], "direct"),
    "a view of a page not told": ([event(timedelta(), "page_view")], "direct"),
    "a referrer alone": ([event(timedelta(), referrer="https://far.test/")], "external"),
    "a page later on": ([event(timedelta()), event(SECOND, page="/a")], "direct"),
    "entered by no view": ([event(timedelta()), event(SECOND, "page_view")], None),
}


def test_a_session_without_page_and_referrer_has_no_entry_source() -> None:
    sessions = sessions_of({case: events for case, (events, _) in ORIGINS.items()})
    told = {case: found[0]["entry_source"] for case, found in sessions.items()}
    assert told == {case: wanted for case, (_, wanted) in ORIGINS.items()}
    assert {len(found) for found in sessions.values()} == {1}


def test_a_referrer_of_a_later_event_is_not_how_the_session_began() -> None:
    later = event(SECOND, "page_view", page="/b", referrer="https://search.test/")
    session = session_of([event(timedelta(), "page_view", page="/a"), later])
    assert (session["entry_source"], session["referrer"]) == ("direct", None)


# The last event of a session, its properties, and why the session ended.
LAST: list[tuple[str, dict[str, str] | None, str]] = [
    ("logout", None, "logout"),
    ("session_expired", None, "timeout"),
    ("token_refresh", None, "timeout"),
    ("error", None, "error"),
    ("page_leave", None, "navigation"),
    ("session_end", None, "navigation"),
    ("session_end", {"exit_reason": "timeout"}, "timeout"),
    ("session_end", {"reason": "error"}, "error"),
    ("session_end", {"reason": "boredom"}, "navigation"),
    ("click", None, "timeout"),
]


def test_the_exit_reason_is_read_from_the_last_event() -> None:
    events = [CLOSED]
    for number, (last, properties, _) in enumerate(LAST):
        user = f"u{number}"
        events.append(event(timedelta(), user_id=user))
        events.append(event(SECOND, last, user_id=user, properties=properties))
    told = {one["user_id"]: one["exit_reason"] for one in run_models(events).sessions()}
    del told[CLOSED["user_id"]]
    assert told == {f"u{number}": reason for number, (*_, reason) in enumerate(LAST)}


@pytest.mark.parametrize(
    ("age", "last", "wanted"),
    [
        pytest.param(timedelta(), "click", True, id="just now"),
        pytest.param(30 * MINUTE, "click", True, id="exactly the timeout ago"),
        pytest.param(30 * MINUTE + MICROSECOND, "click", False, id="longer ago"),
        pytest.param(timedelta(), "logout", False, id="ended"),
        pytest.param(timedelta(), "session_end", True, id="a session_end does not close it"),
    ],
)
def test_a_session_is_open_within_the_timeout_of_as_of(
    age: timedelta, last: str, wanted: bool
) -> None:
    events = [event(timedelta(), last, user_id="ann"), event(age, user_id="bob")]
    (ann, *_) = [s for s in run_models(events).sessions() if s["user_id"] == "ann"]
    assert ann["is_open"] == wanted
    assert (ann["exit_reason"] is None) == wanted


def test_a_tracked_session_is_closed_by_its_session_end() -> None:
    assert not session_of([tracked(timedelta(), "s1", type="session_end")])["is_open"]


def test_as_of_is_the_newest_event_that_is_not_in_the_future() -> None:
    events = [event(timedelta(), user_id="ann"), event(20 * HOUR, user_id="fast clock")]
    marts = run_models(events, now=NOON + MINUTE)
    assert marts.rows("from int_as_of") == [{"as_of": NOON}]
    assert [s["is_open"] for s in marts.sessions()] == [True, True]
    assert run_models([]).rows("from int_as_of") == [{"as_of": None}]


BOUNCES: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "one action": ([event(timedelta(), "page_view")], True),
    "no action": ([event(timedelta(), "heartbeat")], True),
    "two actions": (clicks(timedelta(), SECOND), False),
    "one action and just under 30 s": (
        [event(timedelta()), event(30 * SECOND - MICROSECOND, "scroll")],
        True,
    ),
    "exactly 30 s": ([event(timedelta()), event(30 * SECOND, "scroll")], False),
}


def test_a_bounce_is_short_and_has_at_most_one_action() -> None:
    sessions = sessions_of({case: events for case, (events, _) in BOUNCES.items()}, CLOSED)
    told = {case: found[0]["is_bounce"] for case, found in sessions.items()}
    assert told == {case: wanted for case, (_, wanted) in BOUNCES.items()}
    assert {len(found) for found in sessions.values()} == {1}


def test_an_open_session_is_no_bounce_and_not_abandoned() -> None:
    session = session_of([event(timedelta(), "prompt")])
    assert (session["is_open"], session["is_bounce"], session["is_abandoned"]) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        (["click"], True),
        (["prompt"], True),
        (["prompt", "search"], False),
        (["click", "logout"], False),
        (["click", "error"], False),
        (["click", "page_leave"], False),
    ],
)
def test_abandoned_is_closed_by_timeout_with_under_two_queries(
    types: list[str], wanted: bool
) -> None:
    events = [event(n * SECOND, kind) for n, kind in enumerate(types)]
    asking = event(9 * HOUR, "prompt", user_id="later")
    assert run_models([*events, asking]).sessions()[0]["is_abandoned"] == wanted


def test_a_stream_without_queries_cannot_be_abandoned() -> None:
    events = [
        event(timedelta(), user_id="ann"),
        tracked(timedelta(), "s1", user_id="bob"),
        tracked(9 * HOUR, "s2", user_id="bob", type="query"),
    ]
    abandoned = {(s["user_id"], s["is_abandoned"]) for s in run_models(events).sessions()}
    assert abandoned == {("ann", None), ("bob", True), ("bob", False)}


def test_abandonment_is_null_on_days_of_a_stream_without_queries() -> None:
    days = run_models([event(timedelta()), CLOSED]).rows(
        "from daily_session_stats where stream <> 'all'"
    )
    assert [day["abandonment_rate"] for day in days] == [None]


def test_sessions_are_numbered_by_start_and_only_the_first_is_new() -> None:
    events = [*clicks(*minutes(0, 60, 120)), tracked(90 * MINUTE, "s1")]
    sessions = run_models(events).sessions()
    assert [s["session_number"] for s in sessions] == [1, 2, 3, 4]
    assert [s["is_new_user"] for s in sessions] == [True, False, False, False]


def test_a_session_over_24_h_is_kept_counted_and_out_of_every_duration() -> None:
    long = [30 * MINUTE * n for n in range(49)]
    events = [*clicks(*long, user_id="exact"), *clicks(*long, 24 * HOUR + SECOND, user_id="over")]
    marts = run_models([*events, *clicks(timedelta(), MINUTE, user_id="short")])
    assert {s["user_id"]: s["is_suspect"] for s in marts.sessions()} == {
        "exact": False,
        "over": True,
        "short": False,
    }
    day = marts.rows("from daily_session_stats where stream <> 'all' order by stat_date")[0]
    assert (day["total_sessions"], day["suspect_sessions"]) == (3, 1)
    assert day["avg_duration_seconds"] == (86400 + 60) / 2
    assert day["median_duration_seconds"] == (86400 + 60) / 2
    users = {u["user_id"]: u for u in marts.rows("from users")}
    assert (users["over"]["session_count"], users["over"]["avg_duration_seconds"]) == (1, None)
    assert users["over"]["total_duration_seconds"] == 0


def test_every_rate_leaves_open_sessions_out_above_and_below_the_line() -> None:
    closed = [
        event(timedelta(), "error", user_id="a"),
        *[event(n * MINUTE, "prompt", user_id="b") for n in (0, 1)],
        *[event(n * MINUTE, user_id="c") for n in (0, 1)],
    ]
    # Two open ones: each would bounce, have an error and be abandoned if it counted.
    open_ones = [event(HOUR, "error", user_id=user) for user in ("d", "e")]
    (day,) = run_models([*closed, *open_ones]).rows(
        "from daily_session_stats where stream <> 'all'"
    )
    assert (day["total_sessions"], day["open_sessions"]) == (5, 2)
    assert day["bounce_rate"] == pytest.approx(1 / 3)
    assert day["error_rate"] == pytest.approx(1 / 3)
    assert day["abandonment_rate"] == pytest.approx(1 / 3)


def test_a_day_of_open_sessions_alone_has_counts_and_no_rates() -> None:
    (day,) = run_models([event(timedelta(), "prompt")]).rows(
        "from daily_session_stats where stream <> 'all'"
    )
    assert day["total_sessions"] == 1
    assert (day["bounce_rate"], day["error_rate"], day["abandonment_rate"]) == (None, None, None)


def test_bots_are_counted_and_left_out_of_everything_else() -> None:
    events = [
        event(timedelta(), user_id="bot", device_type="bot"),
        event(SECOND, user_id="bot", device_type="desktop"),
        *[event(n * MINUTE, user_id="ann") for n in (0, 1)],
    ]
    (day,) = run_models([*events, tracked(9 * HOUR, "s")]).rows(
        "from daily_session_stats where stream = 'inactivity'"
    )
    names = ("total_sessions", "unique_users", "new_users", "bot_sessions", "bounce_rate")
    assert [day[name] for name in names] == [1, 1, 1, 1, 0.0]


def test_the_most_common_entry_and_exit_are_alphabetical_among_equals() -> None:
    pages = {"a": ("/z", "/y"), "b": ("/b", "/x"), "c": ("/b", "/x"), "d": ("/z", "/y")}
    events = [
        event(n * SECOND, "page_view", user_id=user, page=page)
        for user, both in pages.items()
        for n, page in enumerate(both)
    ]
    day = run_models([*events, CLOSED]).rows("from daily_session_stats where stream <> 'all'")[0]
    assert (day["most_common_entry"], day["most_common_exit"]) == ("/b", "/x")


def test_a_day_of_all_streams_counts_each_user_once_and_each_session() -> None:
    events = [
        *clicks(timedelta(), MINUTE, user_id="ann"),
        tracked(HOUR, "s1", user_id="ann"),
        tracked(HOUR, "s2", user_id="bob"),
        tracked(HOUR + 10 * MINUTE, "s2", user_id="bob"),
        CLOSED,
    ]
    days = run_models(events).rows(
        "from daily_session_stats where stat_date = '2026-03-10' order by stream"
    )
    names = ("stream", "total_sessions", "unique_users", "new_users", "median_duration_seconds")
    assert [tuple(day[name] for name in names) for day in days] == [
        ("all", 4, 3, 3, 30.0),
        ("inactivity", 2, 2, 2, 30.0),
        ("tracker", 2, 2, 1, 300.0),
    ]


def test_no_events_make_empty_marts() -> None:
    marts = run_models([])
    for table in ("user_sessions", "session_events", "daily_session_stats", "users"):
        assert marts.rows(f"from {table}") == []
    assert marts.bad_rows() == {}
