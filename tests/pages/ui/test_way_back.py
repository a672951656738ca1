"""The way back after a login: to own pages, of this login, and nowhere else."""

from __future__ import annotations

import pytest
from starlette.responses import RedirectResponse

from pages.ui.server import is_page
from pages.ui.way_back import COOKIE, LEAVE, RETURN, WayBack
from tests.apart import run_apart

HOST = "dwell.example.com"
AWAY = "https://login.example.com/authorize?client_id=dwell&state=abc"
# Where the browser says it comes from, and where it is led back to.
PAGES = {
    f"https://{HOST}/": "/",
    f"https://{HOST}/engagement": "/engagement",
    f"https://{HOST}/sql?q=select+1&period=7": "/sql?q=select+1&period=7",
    f"https://{HOST}/sql?q={'x' * 3000}": "/sql",
    f"https://{HOST}/no_page": "/",
    f"https://{HOST}//evil.example/sql": "/",
    "https://evil.example/sql": "/",
    f"https://{HOST}:8501/sql": "/",
    f"https://{HOST}@evil.example/sql": "/",
    "https://[": "/",
    "": "/",
}


def answer(path, to, query="", **headers):
    """Where an answer leads, and the cookies that it sets."""
    sent = []

    async def go():
        scope = {
            "type": "http", "method": "GET", "path": path, "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in {"host": HOST, **headers}.items()],
        }  # fmt: skip

        async def send(message):
            sent.append(message)

        async def receive():
            return {"type": "http.request"}

        await WayBack(RedirectResponse(to, 302), is_page)(scope, receive, send)

    run_apart(go())
    given = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    return dict(given)["location"], [value for name, value in given if name == "set-cookie"]


def held(referer):
    """The cookie that a browser keeps which leaves that page for the provider."""
    to, cookies = answer(LEAVE, AWAY, referer=referer)
    assert to == AWAY
    return cookies[0].partition(";")[0] if cookies else "other=1"


@pytest.mark.parametrize("referer", PAGES)
def test_a_login_leads_back_to_own_pages_alone(referer):
    to, cookies = answer(RETURN, "/", "state=abc&code=1", cookie=f"a=b; {held(referer)}; c=d")
    assert to == PAGES[referer]
    assert all(f"{COOKIE}=; Path={RETURN}; Max-Age=0" in each for each in cookies)


def test_the_cookie_is_for_the_way_back_alone():
    _, [cookie] = answer(LEAVE, AWAY, referer=f"https://{HOST}/sql")
    assert cookie.endswith(f"; Path={RETURN}; Max-Age=900; HttpOnly; SameSite=Lax")


NOT_LED = {
    "of another login": ("/", "state=other"),
    "without a state": ("/", "code=1"),
    "to the provider, to log out": ("https://login.example.com/logout", "state=abc"),
}


@pytest.mark.parametrize("name", NOT_LED)
def test_another_answer_is_left_as_it_is(name):
    to, query = NOT_LED[name]
    assert answer(RETURN, to, query, cookie=held(f"https://{HOST}/sql"))[0] == to


WRITTEN_BY_OTHERS = [
    "abc.L2V2aWwuZXhhbXBsZQ",
    "abc.Ly9ldmlsLmV4YW1wbGUvc3Fs",
    "abc.%%%",
    "abc",
    "abc.",
]


@pytest.mark.parametrize("text", WRITTEN_BY_OTHERS)
def test_a_cookie_that_others_wrote_leads_nowhere_else(text):
    assert answer(RETURN, "/", "state=abc", cookie=f"{COOKIE}={text}")[0] == "/"


def test_other_addresses_are_left_alone():
    assert answer("/sql", "/", "state=abc", cookie=held(f"https://{HOST}/sql")) == ("/", [])
