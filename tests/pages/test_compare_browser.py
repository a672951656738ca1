"""Compare in a browser: what is chosen is in the address, and a phone holds it all."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def done(page):
    page.locator("[aria-label*='by device']").wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()


def test_a_metric_and_a_unit_are_chosen_by_pointer_and_keys_and_back_goes_back(visit):
    page = visit("/compare")
    done(page)
    assert "aurora" in page.locator(".st-key-comparison_verdict").inner_text()
    name = page.locator(".st-key-table_comparison tbody a", has_text="Error rate")
    name.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?metric=error_rate")
    page.get_by_role("heading", name="Difference in error rate by day, cumulative").wait_for()
    assert page.locator(".st-key-table_comparison a[aria-current]").inner_text() == "Error rate"
    page.locator(".st-key-own_unit").get_by_text("Sessions", exact=True).click()
    page.wait_for_url("**/compare?metric=error_rate&unit=session")
    # What counts sessions has no value of one session.
    gone = page.locator(".st-key-table_comparison a", has_text="Sessions per user")
    gone.wait_for(state="detached")
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1
    page.go_back()
    gone.wait_for()


def test_a_comparison_fits_a_phone_and_hides_nothing(visit):
    page = visit("/compare?by=device_type", viewport={"width": 390, "height": 844})
    page.locator(".st-key-table_segments table").wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    fits = "box => box.scrollWidth <= box.clientWidth + 1"
    assert page.locator("[data-testid=stMain]").evaluate(fits)
    for table in page.locator(".dwell-comparison").all():
        assert table.evaluate(fits)
    # A row reads in blocks, and is a row of a table all the same.
    table = page.locator(".st-key-table_comparison").get_by_role("table")
    assert table.get_by_role("row").count() >= 7
    first = table.get_by_role("row").nth(0)
    boxes = first.locator("th, td").evaluate_all("all => all.map(e => e.offsetWidth)")
    assert min(boxes) > 100
    bar = page.locator(".dwell-forest").first
    assert "95 % interval" in bar.get_attribute("aria-label")
