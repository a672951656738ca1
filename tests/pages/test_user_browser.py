"""The page of a user in a browser: its history by pointer, by keys, and on a phone."""

from __future__ import annotations

import pytest

import warehouse
from warehouse import Filters
from warehouse.metrics import users

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HEADING = "old => document.querySelector('.st-key-head_timeline h3')?.innerText"


@pytest.fixture
def often(home):
    """The user with the most sessions."""
    with warehouse.open(home) as wh:
        return users.listing(wh, Filters(), order="session_count", limit=1)["user_id"][0]


def test_the_history_of_a_user_is_walked_through_by_pointer_and_keys(visit, often):
    page = visit(f"/users?user={often}")
    heading = page.locator(".st-key-head_timeline h3")
    heading.wait_for()
    newest = heading.inner_text()
    page.locator(".dwell-year [role=group] a").first.click()
    page.wait_for_url("**&day=*")
    page.wait_for_function(f"{HEADING} !== old", arg=newest)
    assert page.locator(".dwell-shown").count() == 1
    # Read before the click: after it the page may have gone on already.
    chosen = heading.inner_text()
    page.get_by_role("button", name="Later").click()
    page.wait_for_function(f"{HEADING} !== old", arg=chosen)
    page.locator("nav a", has_text="Nov").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"{HEADING} === old", arg=newest)
    bar = page.locator(".dwell-visit").first
    bar.focus()
    assert " to " in bar.get_attribute("aria-label")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions?session=*")
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_the_history_of_a_user_fits_a_phone(visit, often):
    page = visit(f"/users?user={often}", viewport={"width": 390, "height": 844})
    page.locator(".st-key-table_statistics").wait_for()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("box => box.scrollWidth <= box.clientWidth")
    for part in (".dwell-lanes", ".dwell-years"):
        inside = "box => box.scrollWidth <= box.clientWidth + 1"
        assert page.locator(part).evaluate(inside), part
    widths = page.locator(".dwell-visit").evaluate_all("all => all.map(e => e.offsetWidth)")
    assert min(widths) >= 8
