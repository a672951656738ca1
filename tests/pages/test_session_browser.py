"""One session in a browser: opened from the list, replayed to its end and back."""

from __future__ import annotations

import re

import pytest

import warehouse

# One worker, so that one server is enough.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def session_id(home):
    """A short session with pages and an earlier one of its user."""
    with warehouse.open(home) as wh:
        return wh.sql(
            "select session_id from user_sessions where session_number > 1 and event_count > 6 "
            "and page_view_count > 2 and duration_seconds between 60 and 300 "
            "and stream = 'inactivity' order by session_id desc limit 1"
        ).fetchall()[0][0]


def replay(page):
    found = page.locator(".dwell-replay[data-ready]")
    found.wait_for()
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
    return found


def state(page, name):
    return page.locator(".dwell-replay").get_attribute(f"data-{name}")


def wait_for(page, **wanted):
    marks = "".join(f"[data-{name}='{value}']" for name, value in wanted.items())
    page.locator(f".dwell-replay{marks}").wait_for()


def test_a_session_of_the_list_is_opened_and_back_returns_to_its_page(visit):
    page = visit("/sessions?period=90&page=2")
    rows = page.locator(".st-key-table_session_list tbody tr")
    first = rows.first.inner_text()
    rows.first.locator("td").nth(1).click()
    page.wait_for_url("**/sessions?*session=*")
    replay(page)
    opened = state(page, "session")
    page.locator(".dwell-beside a").first.click()
    page.locator(f".dwell-replay[data-ready]:not([data-session='{opened}'])").wait_for()
    page.go_back()
    wait_for(page, session=opened)
    page.go_back()
    page.wait_for_url("**/sessions?period=90&page=2")
    page.wait_for_function(
        """first => document.querySelector('.st-key-table_session_list tbody tr')?.innerText
            === first""",
        arg=first,
    )


def test_a_replay_plays_to_the_end_and_back_by_mouse_and_keys(visit, session_id):
    page = visit(f"/sessions?session={session_id}")
    root = replay(page)
    wait_for(page, state="paused", event=1)
    root.get_by_role("button", name="60\u00d7").click()
    root.get_by_role("button", name="Play").click()
    wait_for(page, state="playing")
    wait_for(page, state="ended")
    count = int(state(page, "event"))
    assert count > 6
    root.get_by_role("button", name="Again").wait_for()
    root.get_by_role("button", name="Event before").click()
    wait_for(page, state="paused", event=count - 1)
    root.get_by_text(re.compile(rf"event {count - 1} of {count}")).wait_for()
    root.get_by_role("button", name="Next event").click()
    root.get_by_role("button", name="Next event").click()
    wait_for(page, event=count)
    # What is scrubbed to is what was at that moment.
    page.locator(".dwell-scrub").fill("0")
    wait_for(page, event=1, ms=0)
    assert root.locator("[data-part=page]").inner_text().startswith("/")

    # The same by the keyboard alone.
    root.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wait_for(page, event=3)
    page.keyboard.press("ArrowLeft")
    wait_for(page, event=2)
    page.keyboard.press("End")
    wait_for(page, state="ended")
    page.keyboard.press("Home")
    wait_for(page, state="paused", event=1)
    page.keyboard.press(" ")
    wait_for(page, state="playing")
    page.keyboard.press(" ")
    wait_for(page, state="paused")


def test_a_mark_opens_its_event_and_the_replay_stays_where_it_is(visit, session_id):
    page = visit(f"/sessions?session={session_id}")
    replay(page)
    canvas = page.locator(".dwell-lanes canvas")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] - 2, "y": 40})
    page.locator(".st-key-raw_event").wait_for()
    number = state(page, "event")
    assert f"event={number}" in page.url
    assert int(number) > 1
    page.locator(".st-key-raw_event").get_by_text(re.compile(f"Event {number}: ")).wait_for()
    page.locator(".st-key-table_events tbody tr").first.click()
    page.wait_for_url("**&event=1")
    page.locator(".st-key-raw_event").get_by_text(re.compile("Event 1: ")).wait_for()
    assert state(page, "event") == number
    page.get_by_role("button", name="Close").click()
    page.locator(".st-key-raw_event").wait_for(state="detached")


# Half an hour after the start the clocks go from 2 to 3, or from 3 to 2.
TRACK = """changes => dwellTrack.read(JSON.stringify({
    start: Date.UTC(2026, 2, 29, 1, 30), changes, idle: 30000, idles: ["away"],
    ms: [0, 10000, 5000, 31000, 3554000], type: [0, 1, 0, 0, 0], types: [["click", 1], ["away", 0]],
    pages: [], views: [], sources: ["web"], source: [0, 0], details: [], detail: [], scroll: [],
    turns: [], runs: [],
}))"""
HALF, HOUR = 1_800_000, 3_600_000


def test_the_clock_of_a_replay_is_changed_with_those_of_the_zone(visit):
    page = visit("/sessions")
    told = page.evaluate(
        f"""cases => cases.map(changes => {{
            const track = ({TRACK})(changes), at = [0, {HALF} - 1000, {HALF}, {HOUR}];
            const hours = dwellTrack.hours(track, [0, {HOUR}], {HALF});
            return [
                at.map(ms => dwellTrack.clock(track, ms)),
                hours.map(([ms, at]) => [ms, new Date(at).toISOString().slice(11, 16)]),
            ];
        }})""",
        [[], [[HALF, HOUR]], [[HALF, -HOUR]]],
    )
    assert told == [
        [
            ["01:30:00", "01:59:59", "02:00:00", "02:30:00"],
            [[0, "01:30"], [HALF, "02:00"], [HOUR, "02:30"]],
        ],
        [
            ["01:30:00", "01:59:59", "03:00:00", "03:30:00"],
            [[0, "01:30"], [HALF, "03:00"], [HOUR, "03:30"]],
        ],
        [
            ["01:30:00", "01:59:59", "01:00:00", "01:30:00"],
            [[0, "01:30"], [HALF, "01:00"], [HOUR, "01:30"]],
        ],
    ]
    # After what says idle nothing counts, else no more than the idle timeout of a gap does.
    gaps, skipped = page.evaluate(f"{{ const one = ({TRACK})([]); [one.gaps, [...one.skipped]] }}")
    assert gaps == [
        [10_000, 15_000, 5000],
        [45_000, 46_000, 31_000],
        [76_000, 3_600_000, 3_554_000],
    ]
    assert skipped == [0, 1, 1, 1, 0]


COUNTED = """
    window.heard = 0;
    window.sought = 0;
    const listen = window.addEventListener, seek = Element.prototype.querySelectorAll;
    window.addEventListener = function (kind, ...others) {
        if (kind === "popstate") window.heard++;
        return listen.call(window, kind, ...others);
    };
    Element.prototype.querySelectorAll = function (words) {
        if (words === "a.dwell-row") window.sought++;
        return seek.call(this, words);
    };
"""


def test_a_page_that_changes_is_not_searched_again_nor_listened_to_twice(visit, session_id):
    page = visit("/active_now")
    page.add_init_script(COUNTED)
    # An event that no row is of.
    page.goto(f"{page.url.partition('/active_now')[0]}/sessions?session={session_id}&event=99999")
    replay(page)
    page.locator(".st-key-table_events .dwell-table").wait_for()
    before = page.evaluate("[heard, sought]")
    assert before[1] >= 1
    page.evaluate(
        """async () => {
            for (let i = 0; i < 20; i++) {
                document.body.append(document.createElement("i"));
                await new Promise(requestAnimationFrame);
            }
            document.querySelectorAll("body > i").forEach((each) => each.remove());
        }"""
    )
    assert page.evaluate("[heard, sought]") == before
    page.locator(".dwell-beside a").first.click()
    page.locator(f".dwell-replay[data-ready]:not([data-session='{session_id}'])").wait_for()
    assert page.evaluate("heard") == before[0]


def test_the_address_of_an_old_id_is_put_right_and_back_is_not_trapped(visit, home, session_id):
    from tests.warehouse.metrics.test_session_story import id_of
    from warehouse.metrics import sessions

    with warehouse.open(home) as wh:
        event = sessions.event(wh, session_id, 3).row(0, named=True)
    page = visit("/sessions?period=90")
    page.locator(".st-key-table_session_list").wait_for()
    old = id_of(event, event["source"])
    page.goto(page.url + f"&session={old}")
    page.wait_for_url(f"**/sessions?period=90&session={session_id}")
    replay(page)
    page.go_back()
    page.wait_for_url("**/sessions?period=90")
    page.locator(".st-key-table_session_list").wait_for()


def test_a_session_fits_a_phone_and_plays_without_motion(visit, session_id):
    phone = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
    page = visit(f"/sessions?session={session_id}", **phone)
    root = replay(page)
    root.get_by_role("button", name="60\u00d7").click()
    root.get_by_role("button", name="Play").click()
    wait_for(page, state="ended")
    page.locator(".st-key-table_events").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator(".dwell-stage").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
