"""How events get to the collector: at once, late, and once, in a real browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.tracker.site import Site, kept, lake_of, wait_for

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]


def times_kept(site: Site, user: str) -> Counter[str]:
    """Event id → how often the collector took it."""
    return Counter(
        event["id"] for one in site.of(user) if one.is_kept for event in one.body["events"]
    )


def waiting(page: Any) -> int:
    """How many requests wait in the browser."""
    return int(page.evaluate("Object.keys(localStorage).filter((n) => /^dwell.q/.test(n)).length"))


def test_events_are_sent_together(site: Site, visit: Visit, user: str) -> None:
    page = visit(buffer=0.5)
    page.evaluate("for (let n = 0; n < 20; n++) dwell.track('many', { n })")
    events = site.wait(user, "many", least=20)
    assert [event["data"]["n"] for event in events] == list(range(20))
    # On a slow machine the page's first view has gone before.
    (sent,) = [one for one in site.of(user) if any(e in events for e in one.body["events"])]
    assert sent.address == "/i?key=k"
    assert abs(sent.body["sent_at"] - events[-1]["t"]) < 5_000


def test_a_full_buffer_does_not_wait(site: Site, visit: Visit, user: str) -> None:
    page = visit(buffer=60)
    page.evaluate("for (let n = 0; n < 30; n++) dwell.track('large', { text: 'x'.repeat(900) })")
    site.wait(user, "large", least=15)


@pytest.mark.parametrize("leave", ["closed", "left"])
def test_a_tab_that_is_closed_or_left_tells_all(
    site: Site, visit: Visit, user: str, leave: str
) -> None:
    page = visit(buffer=60)
    page.click("#go")
    page.close() if leave == "closed" else page.goto("about:blank")
    site.wait(user, "system")
    kinds = [event["type"] for event in site.events(user)]
    assert kinds == ["page_view", "click", "system"]
    assert set(times_kept(site, user).values()) == {1}


def test_a_hidden_tab_tells_what_it_has(site: Site, visit: Visit, user: str) -> None:
    page = visit(buffer=60)
    page.evaluate(
        """() => { Object.defineProperty(document, "hidden", { value: true });
                   document.dispatchEvent(new Event("visibilitychange", { bubbles: true })) }"""
    )
    site.wait(user, "system")
    assert site.events(user, "session_end", "page_leave") == []


def test_what_happens_offline_comes_later_and_once(
    site: Site, visit: Visit, person: Any, user: str
) -> None:
    page = visit()
    site.wait(user)
    person.set_offline(True)
    for _ in range(3):
        page.click("#go")
        page.wait_for_timeout(80)
    assert site.events(user, "click") == []
    person.set_offline(False)
    assert len(site.wait(user, "click", least=3)) == 3
    assert set(times_kept(site, user).values()) == {1}
    wait_for(lambda: waiting(page) == 0)


def test_a_tab_that_is_closed_offline_is_told_by_the_next_one(
    site: Site, visit: Visit, person: Any, user: str
) -> None:
    page = visit()
    other = visit("two")
    site.wait(user, "page_view", least=2)
    person.set_offline(True)
    page.click("#go")
    page.wait_for_timeout(100)
    page.click("#go")
    page.close()
    other.click("#go")
    other.close()
    person.set_offline(False)
    visit("three")
    site.wait(user, "click", least=3)
    site.wait(user, "page_view", least=3)
    assert len(site.events(user, "system")) == 2
    assert set(times_kept(site, user).values()) == {1}


def test_a_tab_that_is_closed_as_the_network_fails_is_told_by_the_next_one(
    site: Site, visit: Visit, person: Any, user: str
) -> None:
    page = visit(buffer=60)
    page.evaluate("dwell.flush()")
    site.wait(user)
    person.set_offline(True)
    page.click("#go")
    page.close()
    person.set_offline(False)
    visit("two")
    assert len(site.wait(user, "click", "system", least=2)) == 2


def test_a_tab_that_is_closed_before_it_was_answered_is_told_by_the_next_one(
    site: Site, visit: Visit, user: str
) -> None:
    site.trouble[user] = (503, {"x-slow": "3"})
    page = visit(buffer=60)
    page.evaluate("dwell.flush()")
    wait_for(lambda: site.of(user))
    page.click("#go")
    page.close()
    wait_for(lambda: len(site.of(user)) == 2)
    del site.trouble[user]
    visit("two")
    site.wait(user, "page_view", "click", "system", least=3)


def test_tabs_that_come_back_bring_each_event_once(site: Site, visit: Visit, user: str) -> None:
    tabs = [visit(f"tab{n}") for n in range(3)]
    site.wait(user, "page_view", least=3)
    site.trouble[user] = (503, {})
    for tab in tabs:
        tab.evaluate("for (let n = 0; n < 5; n++) dwell.track('lost', { n })")
        tab.wait_for_timeout(80)
        tab.evaluate("dwell.flush()")
    wait_for(lambda: waiting(tabs[0]) >= 3)
    del site.trouble[user]
    site.wait(user, "lost", least=15)
    wait_for(lambda: waiting(tabs[0]) == 0)
    assert len(site.events(user, "lost")) == 15
    # A tab may not have heard yet what another one has just brought; the ids are the same then.
    times = times_kept(site, user)
    assert max(times.values()) <= 2
    assert times.total() < 1.5 * len(times)


def test_a_collector_in_trouble_is_not_pressed(site: Site, visit: Visit, user: str) -> None:
    site.trouble[user] = (429, {"retry-after": "1"})
    page = visit()
    wait_for(lambda: site.of(user))
    del site.trouble[user]
    for _ in range(3):
        page.click("#go")
        page.wait_for_timeout(60)
    site.wait(user, "click", least=3)
    refused, taken, *_ = site.of(user)
    assert taken.at - refused.at >= 1
    assert taken.body["events"] == refused.body["events"]


def test_what_is_never_taken_is_not_sent_again(site: Site, visit: Visit, user: str) -> None:
    site.trouble[user] = (400, {})
    page = visit()
    wait_for(lambda: site.of(user))
    del site.trouble[user]
    page.click("#go")
    site.wait(user, "click")
    assert site.events(user, "page_view") == []
    assert waiting(page) == 0


def test_what_waits_has_an_end(site: Site, visit: Visit, user: str) -> None:
    site.trouble[user] = (503, {})
    page = visit(buffer=60)
    page.evaluate("for (let n = 0; n < 80; n++) { dwell.track('late', { n }); dwell.flush() }")
    assert waiting(page) == 60


def test_a_page_of_another_site_may_tell(site: Site, visit: Visit, user: str) -> None:
    page = visit(base=site.address.replace("127.0.0.1", "localhost"))
    page.click("#go")
    [click] = site.wait(user, "click")
    assert click["page"].startswith("http://localhost:")
    page.close()
    site.wait(user, "system")


def test_a_strict_policy_is_kept_to(site: Site, visit: Visit, user: str) -> None:
    policy = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; "
        "require-trusted-types-for 'script'"
    )
    body = '<button id="go">Go</button>'
    page = visit(body=body, headers={"content-security-policy": policy})
    page.click("#go")
    page.goto("about:blank")
    site.wait(user, "system")
    assert [event["type"] for event in site.events(user)] == ["page_view", "click", "system"]


def test_all_that_was_kept_is_in_the_lake_once(site: Site) -> None:
    rows = lake_of(site)
    told = {event_id for _, event_id in kept(site)}
    assert len(rows) == len(told) > 100
    assert {row["event_id"] for row in rows} == told
