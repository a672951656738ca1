"""What the tracker notes of a visitor's acts, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.tracker.site import Site, lake_of, wait_for

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]


def pages_of(events: list[dict[str, Any]], user: str) -> list[str]:
    """The paths of events, below their test's."""
    return [event["page"].split(f"/{user}/")[1] for event in events]


def data_of(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What events tell."""
    return [event["data"] for event in events]


def test_a_page_view_has_no_query_but_the_campaign(site: Site, visit: Visit, user: str) -> None:
    visit("one?q=secret&utm_source=news&token=abc&utm_campaign=spring#part")
    [view] = site.wait(user)
    assert view["type"] == "page_view"
    assert pages_of([view], user) == ["one?utm_source=news&utm_campaign=spring"]


def test_a_session_tells_its_surroundings_once(site: Site, visit: Visit, user: str) -> None:
    options = {"experiment_id": "blue", "model_group": "m1", "session_type": "chat"}
    page = visit(**options)
    site.wait(user)
    page.goto(page.url.replace("one", "two"), referer="http://elsewhere.example/a?q=secret")
    site.wait(user, "page_view", least=2)
    first, *others = [one.body["context"] for one in site.of(user)]
    of_all = {"experimentId": "blue", "modelGroup": "m1", "sessionType": "chat"}
    assert first.pop("connection")
    assert first == {
        **{"screen": "1000x700", "viewport": "1000x700", "language": "en-US", "referrer": ""},
        **of_all,
    }
    assert others == [of_all] * len(others)
    assert len({one.body["session_id"] for one in site.of(user)}) == 1


def test_a_referrer_is_told_without_its_query(site: Site, visit: Visit, user: str) -> None:
    site.pages["from"] = (f'<a href="/{user}/one">on</a>', {"referrer-policy": "unsafe-url"})
    page = visit()
    site.wait(user)
    page.goto(f"{site.address}/from/here?q=secret")
    page.evaluate("localStorage.clear()")
    page.click("a")
    wait_for(
        lambda: any(
            one.body["context"].get("referrer") == f"{site.address}/from/here"
            for one in site.of(user)
        )
    )


def test_pages_of_an_application_are_views(site: Site, visit: Visit, user: str) -> None:
    page = visit()
    page.evaluate("history.pushState({}, '', 'two')")
    page.wait_for_timeout(20)
    page.evaluate("history.replaceState({}, '', 'three?filter=a')")
    page.evaluate("history.replaceState({}, '', 'three?filter=ab')")
    page.evaluate("history.pushState({}, '', '#part')")
    page.evaluate("history.go(-2)")
    views = site.wait(user, "page_view", least=4)
    assert pages_of(views, user) == ["one", "two", "three", "one"]
    # How long each was seen stands with its own page.
    seen = site.wait(user, "system", least=3)
    assert pages_of(seen, user) == ["one", "two", "three"]
    assert all(0 <= told["visible_time_ms"] < 10_000 for told in data_of(seen))


CLICKS = """
<button id="go" class="big blue"><i>Go</i></button>
<a data-dwell="buy" href="two">Buy</a>
<label>Agree <input type="checkbox" id="agree"></label>
<button id="by-script" onclick="document.querySelector('#go').click()">Twice</button>
<a id="out" href="http://elsewhere.example/there?q=secret" onclick="return false">Out</a>
<a id="mail" href="mailto:a@b.example" onclick="return false">Mail</a>
<a data-dwell="citation" href="http://elsewhere.example/a" onclick="return false">[1]</a>
<svg id="drawn" class="icon" width="20" height="20"><rect width="20" height="20"/></svg>
<p id="stops" onclick="event.stopPropagation()">Stops</p>
<div id="host"></div>
<script>
  document.querySelector('#host').attachShadow({mode: 'open'}).innerHTML =
    '<button id="inside">In</button>'
</script>
"""


@pytest.mark.parametrize(
    ("selector", "type", "told"),
    [
        ("i", "click", {"target": "button#go.big.blue"}),
        ("#agree", "click", {"target": "input#agree"}),
        ("label", "click", {"target": "input#agree"}),
        ("#by-script", "click", {"target": "button#by-script"}),
        ("#out", "outbound_click", {"target": "a#out", "href": "http://elsewhere.example/there"}),
        ("#mail", "click", {"target": "a#mail", "href": "mailto:a@b.example"}),
        (
            "[data-dwell=citation]",
            "citation_click",
            {"target": "citation", "href": "http://elsewhere.example/a"},
        ),
        ("#stops", "click", {"target": "p#stops"}),
        ("#inside", "click", {"target": "button#inside"}),
        ("rect", "click", {"target": "rect"}),
    ],
)
def test_a_click_tells_what_it_meant(
    clicked: Any, site: Site, selector: str, type: str, told: dict[str, str]
) -> None:
    page, user = clicked
    before = site.events(user)
    box = page.locator(selector).bounding_box()
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    [event] = wait_for(
        lambda: [one for one in site.events(user) if one not in before and one["type"] != "system"]
    )
    assert (event["type"], event["data"]) == (
        type,
        {**told, "x": pytest.approx(box["x"] + 5, abs=1), "y": pytest.approx(box["y"] + 5, abs=1)},
    )


@pytest.fixture(scope="module")
def clicked(site: Site, browser: Any) -> Any:
    """One page for all clicks, and its user."""
    tag = f'<script defer src="{site.address}/dwell.js" data-key="k" data-user-id="clicks"'
    site.pages["clicks"] = (f'{tag} data-buffer="0.02"></script>{CLICKS}', {})
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.address}/clicks/one")
    site.wait("clicks", "page_view")
    yield page, "clicks"
    context.close()


def test_texts_are_told_only_where_they_may_be(site: Site, visit: Visit, user: str) -> None:
    def act(page: Any) -> None:
        page.click("#go")
        page.locator("#words").select_text()
        site.wait(user, "select", least=len(site.events(user, "select")) + 1)
        page.keyboard.press("Control+C")
        page.evaluate("dwell.prompt('why is it so?'); dwell.response('because')")

    page = visit()
    act(page)
    site.wait(user, "model_response")
    assert data_of(site.events(user, "select", "copy")) == [{"length": 40}, {"length": 40}]
    assert data_of(site.events(user, "prompt")) == [{"length": 13}]
    everything = str([one.body for one in site.of(user)])
    assert not any(word in everything for word in ("Forty", "Go<", "why", "because", "A page"))

    act(visit(texts=True))
    site.wait(user, "model_response", least=2)
    assert {told.get("text") for told in data_of(site.events(user))} >= {
        *("Go", "Forty two words that nobody should read.", "why is it so?", "because"),
    }


def test_scrolls_come_every_half_second_with_the_deepest_point(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit()
    for delta in (500, 500, 500, 500, -1500):
        page.mouse.wheel(0, delta)
        page.wait_for_timeout(150)
    scrolls = site.wait(user, "scroll", least=2)
    assert len(scrolls) == 2
    depths = [told["depth"] for told in data_of(scrolls)]
    assert scrolls[1]["t"] - scrolls[0]["t"] >= 450
    assert depths[0] > depths[1]
    assert [told["max_depth"] for told in data_of(scrolls)] == [max(depths)] * 2


def test_a_box_that_fills_the_page_is_scrolled_and_a_menu_is_not(
    site: Site, visit: Visit, user: str
) -> None:
    box = '<div style="height:{}px;overflow:auto" id="{}"><p style="height:3000px"></div>'
    page = visit(body=box.format(100, "menu") + box.format(500, "chat"), scroll_throttle=20)
    page.evaluate("document.querySelector('#menu').scrollTop = 900")
    page.wait_for_timeout(100)
    page.evaluate("document.querySelector('#chat').scrollTop = 1e9")
    assert data_of(site.wait(user, "scroll")) == [{"depth": 100, "max_depth": 100}]


def test_idle_is_told_for_its_moment_and_active_after_it(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit(activity_idle_timeout=300)
    idle = site.wait(user, "idle")[-1]
    page.mouse.move(30, 30)
    active = site.wait(user, "active")[-1]
    # The idle time counts from the last activity, which the mark is 300 ms behind.
    assert active["data"]["idle_ms"] - 300 == pytest.approx(active["t"] - idle["t"], abs=60)
    again = site.wait(user, "idle", least=2)[1]
    assert again["t"] - active["t"] == pytest.approx(300, abs=60)
    # A machine that sleeps wakes its timers late: the mark is of the moment all the same.
    page.mouse.move(40, 40)
    moved = site.wait(user, "active", least=2)[1]
    page.evaluate("const until = Date.now() + 800; while (Date.now() < until);")
    late = site.wait(user, "idle", least=3)[2]
    assert late["t"] - moved["t"] == pytest.approx(300, abs=60)


def hide(page: Any, is_hidden: bool = True) -> None:
    """Makes a page believe that its tab is hidden, as browsers tell it."""
    page.evaluate(
        """(is) => { Object.defineProperty(document, "hidden", { value: is, configurable: true });
                     document.dispatchEvent(new Event("visibilitychange", { bubbles: true })) }""",
        is_hidden,
    )


def test_a_hidden_tab_is_neither_idle_nor_alive(site: Site, visit: Visit, user: str) -> None:
    page = visit(activity_idle_timeout=100, heartbeat=60)
    hide(page)
    site.wait(user, "system")
    before = len(site.events(user))
    page.wait_for_timeout(400)
    assert len(site.events(user)) == before
    hide(page, is_hidden=False)
    assert site.wait(user, "idle", "heartbeat")


def test_hearts_beat_while_the_page_is_in_focus(site: Site, visit: Visit, user: str) -> None:
    page = visit(heartbeat=60, activity_idle_timeout=150)
    beats = site.wait(user, "heartbeat", least=4)
    assert data_of(beats)[0] in ({}, {"idle": False})
    assert {"idle": True} in data_of(site.wait(user, "heartbeat", least=6))
    page.evaluate("document.hasFocus = () => false")
    page.wait_for_timeout(150)
    before = len(site.events(user, "heartbeat"))
    page.wait_for_timeout(250)
    assert len(site.events(user, "heartbeat")) == before


def test_errors_are_told_shortly_and_not_for_ever(
    site: Site, visit: Visit, user: str, faults: list[str]
) -> None:
    page = visit()
    page.evaluate("setTimeout(() => { throw Error('Not at /a?token=abc here' + 'x'.repeat(999)) })")
    page.evaluate("void Promise.reject(Error('refused'))")
    page.evaluate("document.body.append(Object.assign(new Image(), { src: '/none.png' }))")
    first, second = site.wait(user, "error", least=2)
    assert first["data"]["message"].startswith(("Uncaught Error: Not at /a here", "Not at /a here"))
    assert len(first["data"]["message"]) <= 200
    assert second["data"] == {"message": "refused"}
    page.evaluate("for (let n = 0; n < 50; n++) setTimeout(() => { throw Error('again') })")
    assert len(site.wait(user, "error", least=10)) == 10
    wait_for(lambda: page.evaluate("1") and faults.count("again") == 50)
    faults.clear()


TYPED = '<button id="go">Go</button><input id="typed"><p id="words">Words</p>'


def test_hovers_and_names_of_keys_are_told_where_that_is_asked_for(
    site: Site, visit: Visit, user: str
) -> None:
    page = visit(body=TYPED, track_hover=True, track_keys=True)
    page.hover("#go")
    page.wait_for_timeout(550)
    page.focus("#typed")
    page.keyboard.type("secret")
    page.keyboard.press("Enter")
    assert data_of(site.wait(user, "hover")) == [{"target": "button#go"}]
    assert data_of(site.wait(user, "key")) == [{"key": "Enter"}]


def test_what_is_switched_off_is_not_told(site: Site, visit: Visit, user: str) -> None:
    off = ("track_clicks", "track_scroll", "track_selection", "track_activity")
    body = TYPED + '<div style="height: 4000px"></div>'
    options = dict.fromkeys(off, "false")
    page = visit(body=body, scroll_throttle=20, activity_idle_timeout=50, **options)
    page.focus("#typed")
    page.keyboard.type("secret\n")
    page.locator("#words").select_text()
    page.click("#go")
    page.mouse.wheel(0, 500)
    page.wait_for_timeout(550)
    page.evaluate("dwell.track('done')")
    site.wait(user, "done")
    assert [event["type"] for event in site.events(user)] == ["page_view", "done"]


def test_the_lake_has_each_act_as_it_was_told(site: Site) -> None:
    rows = {row["event_id"]: row for row in lake_of(site)}
    told = {
        event["id"]: (event["type"], urlsplit(event["page"]).path, event["data"])
        for one in site.sent
        if one.is_kept
        for event in one.body["events"]
    }
    assert rows.keys() == told.keys()
    for event_id, (kind, page, data) in told.items():
        row = rows[event_id]
        assert (row["event_type"], row["page"]) == (kind, page)
        assert row["properties"].items() >= data.items()
        assert (row["browser"], row["os"], row["device_type"]) == ("Chrome", "Linux", "desktop")
    assert {kind for kind, _, _ in told.values()} >= {
        *("page_view", "click", "outbound_click", "citation_click", "scroll", "select", "copy"),
        *("idle", "active", "heartbeat", "error", "hover", "key", "system"),
    }
    views = [row for row in rows.values() if row["campaign"]]
    assert {row["campaign"] for row in views} == {"spring"}
