"""Pages as the server sends them: with the script of the links, and none where there is none."""

from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse, Response

from pages.ui.server import SCRIPTS, TellServer
from tests.apart import run_apart

INDEX = HTMLResponse("<html><head></head><body>the app</body></html>")


# Opened by its address a file is asked for as a page is.
FILES = {
    "a picture": Response(b"\x89PNG\xff</head>", media_type="image/png"),
    "a table": Response("caf\xe9;</head>".encode("cp1252"), media_type="text/csv"),
}


def get(path, app=INDEX):
    """Status and bytes that a browser gets, from a server that answers all with one page."""
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept", b"text/html")]}
    sent = []

    async def send(message):
        sent.append(message)

    run_apart(TellServer(app)(scope, None, send))
    start, body = sent
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    return start["status"], body["body"]


@pytest.mark.parametrize("path", ["/", "/users", "/users/", "/active_now"])
def test_a_page_comes_with_its_script(path):
    status, text = get(path)
    assert status == 200
    assert b"the app" in text
    assert b"dwell-link" in text


@pytest.mark.parametrize("path", ["/nopage", "/users/nobody", "/ui"])
def test_an_address_without_a_page_says_so_and_leads_back(path):
    status, text = get(path)
    assert status == 404
    assert b"No such page" in text
    assert b'href="/"' in text


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_passed_on_as_it_is(name):
    assert get("/media/file", FILES[name]) == (200, FILES[name].body)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_small_and_its_lines_fit(path):
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= 300
    assert [line for line in lines if len(line) > 140] == []
