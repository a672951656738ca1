"""SQL in a browser: a query that runs is seen, and is ended by a click."""

from urllib.parse import quote

SLOW = "select count(*) from range(10000000) a, range(10000000) b where a.range > b.range"


def test_a_running_query_is_cancelled_and_another_asked(visit):
    page = visit(f"/sql?q={quote(SLOW)}")
    page.get_by_text("it ends after 30 s").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled. Run asks it again.").wait_for()
    page.get_by_label("Query").fill("select 40 + 2 as n")
    page.keyboard.press("Control+Enter")
    page.locator(".st-key-sql_rows").get_by_text("42", exact=True).wait_for()
    assert page.url.endswith("/sql?q=select+40+%2B+2+as+n")
