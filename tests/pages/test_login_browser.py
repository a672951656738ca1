"""Logging in at a provider through a browser: in, out, too long ago, and what is no login."""

from __future__ import annotations

import shutil
import time

import pytest

from tests.pages.conftest import free_port, serve, watch
from tests.pages.oidc_provider import provider
from warehouse.audit import Audit

pytest.importorskip("authlib", reason="authlib is not there: make auth")
pytest.importorskip("httpx", reason="httpx is not there: make auth")
pytestmark = pytest.mark.browser

LOGIN = """
dashboard_url = "{address}"
[serve.oidc]
provider = "{provider}"
client_id = "dwell"
client_secret_env = "LOGIN_SECRET"
groups_claim = "groups"
[serve.roles]
analyst = ["group:data"]
operator = ["olga@example.com"]
viewer = ["vic@example.com"]
"""
ANN = {"email": "ann@example.com", "email_verified": True, "groups": ["data"]}


class Site:
    """A provider, a dashboard whose people log in there, and a browser that opens it."""

    def __init__(self, at, home, address, context, faults):
        self.at, self.home, self.address = at, home, address
        self.context, self.faults = context, faults
        self.page = context.new_page()
        watch(self.page, faults)

    def open(self, path="/"):
        """Opens a page."""
        self.page.goto(self.address + path)
        return self.page

    def log_in(self, **claims):
        """Logs in as the provider is told to."""
        self.at.claims = claims
        self.open()
        return self.leave_by("Log in")

    def leave_by(self, name):
        """Leaves for the provider by a button, and waits until that has sent the browser back."""
        with self.page.expect_navigation(url=f"{self.address}/"):
            self.page.get_by_role("button", name=name).click()
        return self.page


@pytest.fixture(scope="module")
def served(home, tmp_path_factory):
    """A provider, the home of a dashboard whose people log in there, and its address."""
    folder = tmp_path_factory.mktemp("login")
    shutil.copytree(home / "builds", folder / "builds")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with provider() as at:
        (folder / "dwell.toml").write_text(LOGIN.format(address=address, provider=at.address))
        with serve(folder, folder / "log", port, LOGIN_SECRET="secret of a test"):
            yield at, folder, address


@pytest.fixture
def site(browser, served):
    """A browser that was never there before."""
    at, home, address = served
    at.claims, at.says, at.signs_as_another = {}, {}, False
    context = browser.new_context()
    faults = []
    yield Site(at, home, address, context, faults)
    context.close()
    assert faults == []


def is_asked(page):
    """Waits until the page asks for a login, and shows nothing else."""
    page.get_by_role("button", name="Log in").wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    shown = "table, .js-plotly-plot, .dwell-brand, .dwell-group, [data-testid=stPageLink]"
    return page.locator(shown).count() == 0


def test_who_logs_in_sees_what_the_roles_say_and_logs_out(site):
    assert is_asked(site.open("/sql?q=select+1"))
    page = site.log_in(**ANN)
    page.get_by_text("ann@example.com: analyst, viewer").wait_for()
    page.locator("[data-testid=stPageLink]", has_text="SQL").wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    assert page.locator("[data-testid=stPageLink]", has_text="Data health").count() == 0
    cookies = {cookie["name"]: cookie for cookie in site.context.cookies()}
    assert cookies["_streamlit_user"]["httpOnly"]
    assert cookies["_streamlit_user"]["sameSite"] == "Lax"
    site.open("/data_health").get_by_text("This page is for an operator").wait_for()
    before = len(site.at.logouts)
    assert is_asked(site.leave_by("Log out"))
    assert len(site.at.logouts) == before + 1
    assert is_asked(site.open("/users"))
    who = Audit(site.home).known_alias("ann@example.com")
    pages = [line["page"] for line in Audit(site.home).lines() if line["who"] == who]
    assert pages[-2:] == ["Overview", "Data health"]


def test_who_logs_in_is_led_back_to_the_page_that_was_asked_for(site):
    site.at.claims = ANN
    assert is_asked(site.open("/definitions?part=settings"))
    with site.page.expect_navigation(url=f"{site.address}/definitions?part=settings"):
        site.page.get_by_role("button", name="Log in").click()
    site.page.get_by_text("ann@example.com: analyst").wait_for()
    site.page.get_by_role("heading", name="Definitions").wait_for()
    assert "dwell_back" not in {cookie["name"] for cookie in site.context.cookies()}


def test_a_file_is_for_who_is_logged_in_and_may_save_it(site, browser):
    site.log_in(**ANN).get_by_text("ann@example.com: analyst").wait_for()
    with site.page.expect_download() as saved:
        site.page.get_by_role("button", name="CSV").first.click()
    address = saved.value.url
    assert "/media/" in address
    assert site.context.request.get(address).status == 200
    for who, status in ((None, 401), ({"email": "vic@example.com"}, 403)):
        other = browser.new_context()
        try:
            if who:
                Site(site.at, site.home, site.address, other, site.faults).log_in(**who)
            assert other.request.get(address).status == status
        finally:
            other.close()


NO_LOGIN = {
    "for another client": {"says": {"aud": "another"}},
    "for another client, by this one": {"says": {"aud": "another", "azp": "dwell"}},
    "of another provider": {"says": {"iss": "http://127.0.0.1:1"}},
    "of another login": {"says": {"nonce": "another"}},
    "that has ended": {"says": {"exp": 1}},
    "signed by another": {"signs_as_another": True},
}


@pytest.mark.parametrize("name", NO_LOGIN)
def test_what_is_no_login_is_none(site, name):
    for field, value in NO_LOGIN[name].items():
        setattr(site.at, field, value)
    before = len(site.at.callbacks)
    assert is_asked(site.log_in(**ANN))
    assert len(site.at.callbacks) == before + 1
    assert is_asked(site.open("/users"))


def test_who_has_no_role_is_told_so(site):
    page = site.log_in(email="eve@example.com")
    page.get_by_text("eve@example.com: You are logged in, and have no role").wait_for()
    assert page.locator(".js-plotly-plot, .dwell-brand").count() == 0
    assert is_asked(site.leave_by("Log out"))


def test_a_login_is_good_once_and_for_one_browser(site, browser):
    site.log_in(**ANN).get_by_text("ann@example.com: analyst").wait_for()
    used = site.at.callbacks[-1]
    other = browser.new_context()
    try:
        page = other.new_page()
        page.goto(used)
        assert is_asked(page)
        assert "_streamlit_user" not in {cookie["name"] for cookie in other.cookies()}
    finally:
        other.close()
    # In its own browser it changes nothing.
    site.page.goto(used)
    site.page.get_by_text("ann@example.com: analyst").wait_for()


def test_a_cookie_that_was_changed_is_no_login(site):
    site.log_in(**ANN).get_by_text("ann@example.com: analyst").wait_for()
    [cookie] = [one for one in site.context.cookies() if one["name"] == "_streamlit_user"]
    half = len(cookie["value"]) // 2
    turned = "B" if cookie["value"][half] == "A" else "A"
    changed = cookie["value"][:half] + turned + cookie["value"][half + 1 :]
    site.context.add_cookies([cookie | {"value": changed}])
    assert is_asked(site.open("/users"))


def log_in_for(site, seconds):
    """Logs in so that it holds so long from now; gives the moment at which it ends."""
    ends = time.time() + seconds
    site.at.says = {"iat": ends - 8 * 3600}
    site.log_in(**ANN).get_by_text("ann@example.com: analyst").wait_for()
    return ends


def test_a_login_ends_in_an_open_page_too(site):
    ends = log_in_for(site, 25)
    time.sleep(max(0.0, ends - time.time()))
    site.page.locator("[data-testid=stPageLink]", has_text="Engagement").click()
    assert is_asked(site.page)


def test_a_page_that_looks_again_by_itself_ends_by_itself(site):
    log_in_for(site, 35)
    page = site.open("/active_now")
    page.get_by_role("heading", name="Active now").wait_for()
    assert is_asked(page)
