"""The tail with its build says what a build of the same events says."""

from datetime import timedelta
from typing import Any

import pytest

from tests.warehouse.live.spooled import (
    CONFIG,
    NOON,
    Line,
    built_with,
    home_of,
    line,
    looked_at,
    spool,
    told,
)
from warehouse import Filters

NOW = NOON + timedelta(hours=3)
SETTINGS = (
    'page_rules = ["/item/:id"]\nbounce_duration = "2 min"\n'
    + CONFIG
    + """
[dimensions.plan]
property = "plan"
take = "first"
"""
)
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def crm(minutes: float, type: str = "click", **fields: Any) -> Line:
    """A line of the source whose sessions are cut by inactivity."""
    return line(minutes, type, source="crm", **fields)


# Name → lines of the build, lines of the tail. Each is of users of its own.
HISTORIES: dict[str, tuple[list[Line], list[Line]]] = {
    "a new visitor": ([], [line(100, "page_view", anonymous_id="nv", session_id="nv1", page="/")]),
    "a visitor who goes on": (
        [line(50 + n, user_id="go", session_id="go1", page=f"/p{n}") for n in range(3)],
        [line(61, "page_view", user_id="go", session_id="go1", page="/item/7")],
    ),
    "one who goes on by inactivity": (
        [crm(50, user_id="in", page="/a"), crm(52, "prompt", user_id="in")],
        [crm(70, user_id="in", page="/b"), crm(120, user_id="in", page="/c")],
    ),
    "an end": (
        [line(55, user_id="en", session_id="en1"), line(57, user_id="en", session_id="en1")],
        [line(58, "session_end", user_id="en", session_id="en1",
              properties={"exit_reason": "logout"})],
    ),
    "a late event that joins two sessions": (
        [crm(0, user_id="la"), crm(40, user_id="la")],
        [crm(20, user_id="la", page="/late")],
    ),
    "a late event before all others": (
        [crm(-400, user_id="be"), crm(-300, user_id="be", page="/x")],
        [crm(-900, user_id="be", page="/first")],
    ),
    "a late logout that cuts a session": (
        [crm(0, user_id="lo"), crm(5, user_id="lo", tags=["t"]), crm(9, user_id="lo")],
        [crm(6, "logout", user_id="lo")],
    ),
    "a duplicate of a built event": (
        [line(50, user_id="du", session_id="du1", event_id="same")],
        [line(50, user_id="du", session_id="du1", event_id="same")],
    ),
    "a duplicate with another time": (
        [line(51, user_id="dt", session_id="dt1", event_id="moved")],
        [line(90, user_id="dt", session_id="dt1", event_id="moved")],
    ),
    "a duplicate within the tail": (
        [],
        [line(90, user_id="dw", session_id="dw1", event_id="twice", page="/1"),
         line(90, user_id="dw", session_id="dw1", event_id="twice", page="/2")],
    ),
    "a bot": (
        [],
        [line(101, "page_view", anonymous_id="bo", session_id="bo1", user_agent=ROBOT, page="/")],
    ),
    "a session that turns out to be a bot's": (
        [line(50, anonymous_id="bt", session_id="bt1", user_agent=AGENT)],
        [line(51, anonymous_id="bt", session_id="bt1", user_agent=ROBOT)],
    ),
    "an anonymous who identifies": (
        [line(52, "page_view", anonymous_id="an", session_id="an1", page="/")],
        [line(53, "login", anonymous_id="an", user_id="ann", session_id="an1"),
         line(54, "page_view", anonymous_id="an", user_id="ann", session_id="an1", page="/in")],
    ),
    "one who identifies and was here before": (
        [crm(0, user_id="old"), line(40, anonymous_id="oa", session_id="oa1"),
         line(55, anonymous_id="ob", session_id="ob1", page="/q")],
        [line(56, user_id="old", anonymous_id="ob", session_id="ob1")],
    ),
    "a known event earlier than that of another": (
        [line(53, anonymous_id="k1", session_id="kk"),
         line(54, anonymous_id="k2", session_id="kk")],
        [line(55, anonymous_id="k2", user_id="known", session_id="kk")],
    ),
    "two streams": (
        [line(50, user_id="tw", session_id="tw1"), crm(50, user_id="tw")],
        [line(60, user_id="tw", session_id="tw1"), crm(61, user_id="tw", page="/crm")],
    ),
    "an event of the future": (
        [line(50, user_id="fu", session_id="fu1")],
        [line(600, user_id="fu", session_id="fu1"), line(700, user_id="fx", session_id="fx1")],
    ),
    "one too far ahead": ([], [line(60 * 40, user_id="far", session_id="far1")]),
    "a built event of the future": (
        [line(150, user_id="bf", session_id="bf1"), line(900, user_id="bg", session_id="bg1")],
        [],
    ),
    "an id that comes again after hours": (
        [line(-400, user_id="ag", session_id="ag1", tags=["early"])],
        [line(100, user_id="ag", session_id="ag1", tags=["late"], assets=["A"])],
    ),
    "queries, repeated": (
        [line(55, "query", user_id="qu", session_id="qu1", properties={"plan": "free"})],
        [line(56, "query", user_id="qu", session_id="qu1", properties={"text": "x"}),
         line(56.1, "query", user_id="qu", session_id="qu1", properties={"text": "x"}),
         line(56.2, "prompt", user_id="qu", session_id="qu1", chat_id="c",
              properties={"plan": "pro"})],
    ),
    "rage": (
        [],
        [line(90 + n / 600, user_id="ra", session_id="ra1", page="/item/9",
              properties={"x": 10, "y": 10}) for n in range(5)]
        + [line(91, "error", user_id="ra", session_id="ra1")],
    ),
    "one without an id of a session": (
        [line(55, user_id="no", page="/a")],
        [line(70, user_id="no", page="/b"), line(140, user_id="no", page="/c")],
    ),
}  # fmt: skip
FILTERS = [
    Filters(where={"device_type": "mobile"}),
    Filters(where={"source": "crm"}),
    Filters(where={"is_new_user": "true"}),
    Filters(where={"exit_page": "/item/:id"}),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """What the tail says with its build, and what a build says; by what was asked."""
    folder = tmp_path_factory.mktemp("live")
    built = [one for lines, _ in HISTORIES.values() for one in lines]
    tail = [one for _, lines in HISTORIES.values() for one in lines]
    _, settings = home_of(folder / "home", built, NOON + timedelta(hours=1), SETTINGS)
    spool(settings.home, tail, "2", is_open=True)
    seen = looked_at(settings, NOW)
    assert seen.problem is None
    assert seen.live
    with built_with(settings, [], NOW, folder / "copy") as wh:
        return told(seen.live, FILTERS), told(wh, FILTERS)


def test_active_now_is_that_of_a_build(both: tuple[Any, Any]) -> None:
    live, built = both
    asked = [name for name in built if name not in ("user_sessions", "session_events")]
    assert {name: live[name] for name in asked} == {name: built[name] for name in asked}
    assert built["totals 0"][0]["open_session_count"] > 5


@pytest.mark.parametrize("history", HISTORIES)
def test_sessions_are_those_of_a_build(both: tuple[Any, Any], history: str) -> None:
    lines = [one for part in HISTORIES[history] for one in part]
    users = {one.get(who) for one in lines for who in ("user_id", "anonymous_id")}
    for table in ("user_sessions", "session_events"):
        live, built = ([row for row in said[table] if row["user_id"] in users] for said in both)
        assert live == built
    assert bool(built) == (history != "one too far ahead")


def test_all_sessions_are_those_of_a_build(both: tuple[Any, Any]) -> None:
    live, built = both
    assert live["user_sessions"] == built["user_sessions"]
    assert live["session_events"] == built["session_events"]
