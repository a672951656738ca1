"""Which session and visitor the tracker says an event is of, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from tests.make import lake_events
from tests.tracker.site import Sent, Site, kept, loaded, wait_for

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]


def sessions_of(sent: list[Sent]) -> list[str]:
    """The sessions that requests name, in the order of their first one."""
    return list(dict.fromkeys(one.body["session_id"] for one in sent))


def test_a_reload_goes_on_with_the_session(site: Site, visit: Visit, user: str) -> None:
    page = visit()
    site.wait(user)
    page.reload()
    site.wait(user, "page_view", least=2)
    assert len(sessions_of(site.of(user))) == 1
    assert page.evaluate("dwell.sessionId()") == sessions_of(site.of(user))[0]


def test_tabs_share_a_session_and_a_visitor(site: Site, visit: Visit, user: str) -> None:
    first = visit()
    second = visit("two")
    first.click("#go")
    second.click("#go")
    site.wait(user, "click", least=2)
    assert len(sessions_of(site.of(user))) == 1
    assert len({one.body["visitor_id"] for one in site.of(user)}) == 1


def test_tabs_that_open_at_once_agree_on_a_session(
    site: Site, visit: Visit, person: Any, user: str
) -> None:
    page = visit(buffer=0.4)
    # What another tab wrote, that had begun a session before it could know of this one.
    page.evaluate("localStorage.dwell = localStorage.dwell.replace(dwell.sessionId(), 'theirs')")
    site.wait(user)
    page.click("#go")
    site.wait(user, "click")
    assert sessions_of(site.of(user)) == ["theirs"]


def test_what_came_before_another_tab_began_a_session_stays_in_its_own(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit(buffer=60)
    page.evaluate("dwell.flush()")
    site.wait(user)
    page.evaluate(
        """dwell.track('before');
           localStorage.dwell = localStorage.dwell.replace(dwell.sessionId(), 'another');
           dwell.track('after'); dwell.flush()"""
    )
    site.wait(user, "before", "after", least=2)
    first, *_ = sessions_of(site.of(user))
    told = {
        event["type"]: one.body["session_id"]
        for one in site.of(user)
        for event in one.body["events"]
    }
    assert told == {"page_view": first, "before": first, "after": "another"}


def test_a_pause_ends_the_session_and_only_a_person_begins_one(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit(session_timeout=300, heartbeat=350)
    site.wait(user)
    page.wait_for_timeout(500)
    page.mouse.move(5, 5)
    assert site.events(user, "heartbeat") == []
    page.click("#go")
    site.wait(user, "click")
    _, second = sessions_of(site.of(user))
    began = next(one.body for one in site.of(user) if one.body["session_id"] == second)
    assert began["events"][0]["type"] == "click"
    assert began["context"]["screen"] == "1000x700"
    assert "referrer" not in began["context"]
    assert len({one.body["visitor_id"] for one in site.of(user)}) == 1


def test_a_clock_that_was_set_back_begins_a_session(site: Site, visit: Visit, user: str) -> None:
    page = visit()
    site.wait(user)
    page.evaluate("Date.now = () => 1.7e12")
    page.click("#go")
    page.click("#go")
    site.wait(user, "click", least=2)
    assert len(sessions_of(site.of(user))) == 2


def test_another_user_is_another_session_and_a_login_is_none(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit()
    site.wait(user)
    page.evaluate("dwell.identify(null); dwell.track('alone')")
    wait_for(lambda: any(one.body.get("user_id") is None for one in site.sent))
    page.evaluate(f"dwell.identify('{user}'); dwell.track('back')")
    site.wait(user, "back")
    page.evaluate(f"dwell.identify('{user}-2'); dwell.track('other')")
    site.wait(f"{user}-2", "other")
    known = sessions_of(site.of(user))
    assert len(known) == 1
    alone = next(
        one
        for one in site.sent
        if one.body.get("user_id") is None and one.body["events"][-1]["type"] == "alone"
    )
    assert alone.body["session_id"] == known[0]
    assert sessions_of(site.of(f"{user}-2")) != known


def test_an_end_is_told_with_its_reason_and_what_follows_is_another_session(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit()
    page.evaluate("dwell.end('logout')")
    [end] = site.wait(user, "session_end")
    assert end["data"] == {"exit_reason": "logout"}
    page.click("#go")
    site.wait(user, "click")
    assert len(sessions_of(site.of(user))) == 2


def test_a_page_that_the_browser_brings_back_is_viewed_again(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit()
    page.evaluate("addEventListener('pageshow', (e) => { window.wasKept = e.persisted })")
    site.wait(user)
    page.goto(f"{site.address}/{user}/two")
    site.wait(user, "page_view", least=2)
    page.evaluate("history.back()")
    views = site.wait(user, "page_view", least=3)
    assert page.evaluate("window.wasKept") is True
    assert [view["page"].rpartition("/")[2] for view in views] == ["one", "two", "one"]
    page.click("#go")
    site.wait(user, "click")
    assert len(sessions_of(site.of(user))) == 1
    seen = [event["page"].rpartition("/")[2] for event in site.events(user, "system")]
    assert seen == ["one", "two"]


def test_who_opts_out_is_forgotten_until_they_opt_in(site: Site, visit: Visit, user: str) -> None:
    page = visit()
    site.wait(user)
    before = site.of(user)[0].body
    page.evaluate("dwell.optOut()")
    page.click("#go")
    page.reload()
    page.wait_for_timeout(150)
    assert site.events(user, "click", "system") == []
    assert (
        page.evaluate("Object.keys(localStorage).filter((n) => localStorage[n].length > 2)") == []
    )
    page.evaluate("dwell.optIn()")
    page.click("#go")
    site.wait(user, "click")
    after = site.of(user)[-1].body
    assert after["session_id"] != before["session_id"]
    assert after["visitor_id"] != before["visitor_id"]


def test_the_helpers_of_a_chat_are_called_as_dwell_calls_them(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit()
    chat = page.evaluate("dwell.newChat()")
    page.evaluate("dwell.prompt('why?', { query_type: 'question' })")
    page.wait_for_timeout(120)
    page.evaluate("dwell.response({ model: 'm', citations: ['a', 'b'] })")
    page.evaluate("dwell.feedback('up')")
    page.evaluate("dwell.newChat('second'); dwell.response('out of itself', { latency_ms: 7 })")
    site.wait(user, "model_response", least=2)
    told = [
        (event["type"], event["chatId"], event["data"])
        for event in site.events(user)
        if "chatId" in event
    ]
    latency = told[2][2].pop("latency_ms")
    assert 100 <= latency < 2_000
    assert told == [
        ("new_chat", chat, {}),
        ("prompt", chat, {"length": 4, "query_type": "question"}),
        ("model_response", chat, {"model": "m", "citations": ["a", "b"]}),
        ("feedback", chat, {"value": "up"}),
        ("new_chat", "second", {}),
        ("model_response", "second", {"length": 13, "latency_ms": 7}),
    ]


def test_sessions_of_the_build_are_those_of_the_tracker(site: Site) -> None:
    home = loaded(site)
    told = {event_id: one.body["session_id"] for one, event_id in kept(site)}
    assert {row["event_id"]: row["tracker_session_id"] for row in lake_events(home)} == told
    builds = home / "builds"
    file = json.loads((builds / "current.json").read_text(encoding="utf-8"))["file"]
    with duckdb.connect(builds / file, read_only=True) as con:
        [(sessions,)] = con.execute("select count(*) from user_sessions").fetchall()
        turns = con.execute(
            "select chat_id, latency_ms, feedback, citation_count from chat_turns order by 2 desc"
        ).fetchall()
        actions = con.execute(
            "select event_type, is_action, is_query from session_events where chat_id is not null"
        ).fetchall()
    assert sessions == len(set(told.values()))
    assert [(chat == "second", *told) for chat, _, *told in turns] == [
        (False, "up", 2),
        (True, None, None),
    ]
    assert turns[1][1] == 7
    assert {("prompt", True, True), ("model_response", False, False)} <= set(actions)
