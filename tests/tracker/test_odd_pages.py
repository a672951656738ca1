"""Pages that the tracker could harm, or that could harm it. No page hears of what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.tracker.site import Site, wait_for

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]

# What a page may have done to itself before the tracker comes.
ODD = {
    "storage is blocked, and there are no locks, beacons and limits of time": """
        Object.defineProperty(window, "localStorage",
            { get() { throw new DOMException("no", "SecurityError") } });
        delete Navigator.prototype.locks; delete Navigator.prototype.sendBeacon;
        delete AbortSignal.timeout""",
    "storage is full, a beacon throws, and so does history": """
        Object.defineProperty(window, "localStorage", { value: new Proxy(localStorage,
            { set() { throw new DOMException("full", "QuotaExceededError") } }) });
        Navigator.prototype.sendBeacon = () => { throw new Error("no") };
        Object.defineProperty(history, "pushState", { get() { throw new Error("no") } })""",
    "storage holds nonsense, and history is frozen": """
        localStorage.dwell = "{no json"; Object.freeze(history)""",
    "storage holds another's": "localStorage.dwell = '[1]'; localStorage['dwell.q1'] = 'x'",
    "the id of a form is a field": """addEventListener("DOMContentLoaded", () => {
        document.body.innerHTML += "<form id=f><input name=id><input name=dataset></form>" })""",
}


@pytest.mark.parametrize("done", ODD.values(), ids=ODD.keys())
def test_an_odd_page_is_tracked_all_the_same(
    site: Site, visit: Visit, user: str, done: str
) -> None:
    page = visit(head=f"<script>{done}</script>")
    page.click("#go")
    page.click("body", position={"x": 300, "y": 300})
    page.evaluate("history.state")
    site.wait(user, "click", least=1)
    page.close()
    assert len({one.body["session_id"] for one in site.of(user)}) == 1
    assert len({one.body["visitor_id"] for one in site.of(user)}) == 1


def test_data_of_any_kind_is_taken_as_far_as_it_is_json(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit()
    page.evaluate(
        """() => {
            const round = { name: "round" }; round.self = round;
            dwell.track("cyclic", { round, good: 1 });
            dwell.track("getter", { get bad() { throw new Error("bad") }, good: 2 });
            dwell.track("large", { big: 9n, text: "x".repeat(1e6), good: 3, none: undefined });
            dwell.track("frozen", Object.freeze({ good: 4, deep: Object.freeze([1]) }));
            const changed = { good: 5 }; dwell.track("copied", changed); changed.good = 0;
            dwell.track("proxy", new Proxy({}, { ownKeys() { throw new Error("no") } }));
            dwell.track("nothing"); dwell.track("null", null); dwell.track("  ");
            dwell.track("symbol", { s: Symbol("s"), f() {} }); dwell.track(Symbol("s"));
            dwell.track("x".repeat(500), {}); dwell.track({ no: "name" });
            dwell.track(); dwell.prompt(); dwell.response(); dwell.feedback(); dwell.identify();
        }"""
    )
    page.evaluate(f"dwell.identify('{user}'); dwell.track('last')")
    site.wait(user, "last")
    told = {event["type"]: event["data"] for event in site.events(user)}
    assert {kind: data for kind, data in told.items() if "good" in data} == {
        "cyclic": {"good": 1},
        "getter": {"good": 2},
        "large": {"good": 3},
        "frozen": {"good": 4, "deep": [1]},
        "copied": {"good": 5},
    }
    assert {"nothing", "null", "event", "x" * 99, "Symbol(s)"} <= told.keys()
    assert all(one.is_kept for one in site.of(user))


def test_what_a_page_tells_before_the_start_comes_with_it(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit(key=None)
    page.click("#go")
    page.evaluate("dwell.track('early', { n: 1 })")
    page.wait_for_timeout(120)
    assert site.of(user) == []
    assert page.evaluate("localStorage.length") == 0
    page.evaluate(f"dwell.init({{ key: 'k', userId: '{user}', buffer: 0.05, trackClicks: false }})")
    page.evaluate("dwell.init({ modelGroup: 'm2' })")
    site.wait(user, "early")
    page.click("#go")
    page.evaluate("dwell.track('later')")
    site.wait(user, "later")
    assert [event["type"] for event in site.events(user)] == ["early", "page_view", "later"]
    assert site.of(user)[-1].body["context"]["modelGroup"] == "m2"


def test_a_second_script_changes_nothing(site: Site, visit: Visit, user: str) -> None:
    script = f'<script defer src="{site.address}/dwell.js" data-key="k"></script>'
    page = visit(head=script.replace("data-key", f'data-user-id="{user}" data-key'), buffer=0.05)
    page.evaluate("dwell.track('done'); dwell.flush()")
    site.wait(user, "done")
    assert len(site.events(user, "page_view")) == 1


def test_a_page_in_a_frame_without_an_origin_is_left_alone(
    site: Site, visit: Visit, person: Any, user: str
) -> None:
    visit()
    site.wait(user)
    page = person.new_page()
    site.pages["frame"] = (
        f'<iframe sandbox="allow-scripts" src="/{user}/inner"></iframe>',
        {},
    )
    page.goto(f"{site.address}/frame/one")
    wait_for(lambda: any("/inner" in view["page"] for view in site.events(user, "page_view")))
