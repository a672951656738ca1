"""LLM chat in a browser: the chain by mouse and keys, a chat opened, wide and narrow."""

from __future__ import annotations

import pytest

# One worker, so that one server is enough.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHONE = {"width": 390, "height": 844}
SIDEWAYS = (
    "(() => { const m = document.querySelector('[data-testid=stMain]'); "
    "return m.scrollWidth - m.clientWidth })()"
)


def ready(page):
    page.locator(".dwell-chain-group").first.wait_for()
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
    return page


def test_the_chain_is_told_by_pointer_and_by_keys_and_broken_down(visit):
    page = ready(visit("/llm_chat?period=90"))
    assert page.evaluate(SIDEWAYS) == 0
    page.locator(".dwell-step").nth(4).hover()
    page.get_by_role("tooltip").get_by_text("of the step before").locator("visible=true").wait_for()
    page.mouse.move(5, 5)
    step = page.locator(".dwell-step").nth(4)
    step.focus()
    page.keyboard.press("Tab")
    told = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert told.startswith("Some of the answer was copied.")
    page.locator(".st-key-own_by input").first.click()
    page.get_by_role("option", name="Kind of prompt").click()
    page.wait_for_url("**/llm_chat?*by=prompt_type*")
    page.get_by_role("heading", name="The answer value chain, by kind of prompt").wait_for()
    assert "period=90" in page.url


def test_a_chat_opens_and_leads_to_its_session_and_back(visit):
    page = ready(visit("/llm_chat?period=90&order=longest"))
    page.locator(".st-key-table_chats tbody tr").first.locator("td").nth(1).click()
    page.wait_for_url("**/llm_chat?*chat=*")
    page.locator(".dwell-turn").first.wait_for()
    assert page.locator(".dwell-turn").count() > 3
    assert page.locator(".dwell-words").count() == 0
    page.get_by_role("link", name="Open the session").first.click()
    page.wait_for_url("**/sessions?*session=*")
    page.get_by_role("link", name="Chat 1", exact=True).click()
    page.wait_for_url("**/llm_chat?*chat=*")
    page.get_by_role("link", name="All chats").click()
    ready(page)
    assert "chat=" not in page.url


def test_a_phone_has_all_of_it_and_no_way_sideways(visit):
    page = ready(visit("/llm_chat?period=90&by=model", viewport=PHONE))
    assert page.evaluate(SIDEWAYS) == 0
    page.locator(".dwell-outcome").last.scroll_into_view_if_needed()
    address = page.locator(".st-key-table_chats a.dwell-row").first.get_attribute("href")
    page = visit(f"/llm_chat{address}", viewport=PHONE)
    page.locator(".dwell-turn").first.wait_for()
    assert page.evaluate(SIDEWAYS) == 0
