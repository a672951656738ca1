"""What somebody tries who means no good, in a browser: markup in addresses, scripts, frames."""

from __future__ import annotations

from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser
MARKUP = '<img src=x onerror="window.done=1"><script>window.done=1</script>'
ADDRESSES = ["/users?user={}", "/breakdowns?by={}&browser={}", "/?segment={}&period={}"]
# Each sets `done` where the policy lets it, and says what came of it where that can be told.
TRIES = {
    "a script in the page": """() => {
        const one = document.createElement('script');
        one.textContent = 'window.done = 1';
        document.body.append(one);
    }""",
    "a handler in the page": """() => {
        const one = document.createElement('button');
        one.setAttribute('onclick', 'window.done = 1');
        document.body.append(one);
        one.click();
    }""",
    "a link to a script": """() => {
        const one = document.createElement('a');
        one.href = 'javascript:window.done = 1';
        document.body.append(one);
        one.click();
    }""",
    "a text as code": """() => {
        const one = document.createElement('script');
        one.src = 'data:text/javascript,window.done = 1';
        document.body.append(one);
    }""",
    "a form to elsewhere": """() => {
        const one = document.createElement('form');
        one.action = 'http://127.0.0.1:1/';
        document.body.append(one);
        one.submit();
    }""",
    "a request to elsewhere": """async () => {
        await fetch('http://127.0.0.1:1/').then(() => { window.done = 1; }, () => {});
    }""",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_markup_of_an_address_is_text(visit, address):
    page = visit(address.replace("{}", quote(MARKUP)))
    page.locator("h1").first.wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    assert page.evaluate("window.done") is None
    assert page.locator('img[src="x"]').count() == 0


def test_nothing_runs_in_a_page_but_its_own_scripts(browser, server):
    context = browser.new_context()
    try:
        page = context.new_page()
        page.add_init_script(
            "window.refused = 0;"
            "document.addEventListener('securitypolicyviolation', (one) => {"
            "  if (one.blockedURI !== 'wasm-eval') window.refused += 1; });"
        )
        page.goto(server)
        page.locator("h1").first.wait_for()
        assert page.evaluate("window.refused") == 0
        for number, (name, script) in enumerate(TRIES.items(), start=1):
            page.evaluate(script)
            page.wait_for_function(f"() => window.refused >= {number}")
            assert page.evaluate("window.done") is None, name
        assert page.url == f"{server}/"
    finally:
        context.close()


def test_no_other_page_shows_it_in_a_frame(browser, server):
    context = browser.new_context()
    try:
        page = context.new_page()
        refused = []
        page.on("console", lambda message: refused.append(message.text))
        page.set_content(f'<iframe src="{server}/"></iframe>')
        page.wait_for_timeout(1500)
        assert any("frame-ancestors" in text for text in refused), refused
        assert all("Dwell" not in frame.title() for frame in page.frames[1:])
    finally:
        context.close()
