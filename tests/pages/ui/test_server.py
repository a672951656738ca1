"""Pages as the server sends them: with the script of the links, and none where there is none."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.responses import HTMLResponse

from pages.ui.server import TellServer

INDEX = HTMLResponse("<html><head></head><body>the app</body></html>")


def get(path):
    """Status and text that a browser gets, from a server that answers all with one page."""
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept", b"text/html")]}
    sent = []

    async def send(message):
        sent.append(message)

    # In a thread of its own: where a browser is open, this one runs an event loop already.
    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, TellServer(INDEX)(scope, None, send)).result()
    start, body = sent
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    return start["status"], body["body"].decode()


@pytest.mark.parametrize("path", ["/", "/users", "/users/", "/active_now"])
def test_a_page_comes_with_its_script(path):
    status, text = get(path)
    assert status == 200
    assert "the app" in text
    assert "dwell-link" in text


@pytest.mark.parametrize("path", ["/nopage", "/users/nobody", "/ui"])
def test_an_address_without_a_page_says_so_and_leads_back(path):
    status, text = get(path)
    assert status == 404
    assert "No such page" in text
    assert 'href="/"' in text
