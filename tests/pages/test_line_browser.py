"""An open page behind a proxy with a login: asked again after a while, what was chosen is kept."""

from __future__ import annotations

import shutil

import pytest

from tests.pages.conftest import serve

pytestmark = pytest.mark.browser
CONNECTED = '[data-test-connection-state="CONNECTED"]'
LOGIN = """
[serve]
proxies = ["127.0.0.1"]
user_header = "X-Forwarded-User"
login_for = "9 s"
"""


@pytest.fixture(scope="module")
def asked_again(home, tmp_path_factory):
    """The address of a dashboard whose pages are asked again every nine seconds."""
    folder = tmp_path_factory.mktemp("line")
    shutil.copytree(home / "builds", folder / "builds")
    (folder / "dwell.toml").write_text(LOGIN)
    with serve(folder, folder / "server.log") as address:
        yield address


def test_a_page_connects_anew_by_itself_and_not_once_its_login_has_ended(browser, asked_again):
    context = browser.new_context(extra_http_headers={"X-Forwarded-User": "ann"})
    try:
        page = context.new_page()
        page.set_default_timeout(45_000)
        lines = []
        page.on("websocket", lambda line: lines.append(line))
        page.goto(f"{asked_again}/active_now")
        page.get_by_role("heading", name="Active now").wait_for()
        # Known to the visit alone, not to the address.
        # A click that falls in the moment of a new line is nobody's: it is made on a fresh one.
        for _ in range(300):
            if len(lines) > 1:
                break
            page.wait_for_timeout(200)
        page.locator(f'.stApp{CONNECTED}[data-test-script-state="notRunning"]').wait_for()
        page.locator(".st-key-pause label").click()
        is_paused = page.locator(".st-key-pause input:checked")
        is_paused.wait_for(state="attached")
        known = len(lines)
        for _ in range(150):
            if len(lines) > known:
                break
            page.wait_for_timeout(200)
        assert len(lines) > known
        page.locator(f".stApp{CONNECTED}").wait_for()
        assert is_paused.count() == 1
        page.locator("[data-testid=stPageLink]", has_text="Definitions").click()
        page.get_by_role("heading", name="Definitions").wait_for()
        # The proxy lets nobody in any more.
        context.set_extra_http_headers({})
        page.locator(f".stApp:not({CONNECTED})").wait_for()
        page.wait_for_timeout(2_000)
        assert page.locator(f".stApp{CONNECTED}").count() == 0
    finally:
        context.close()
