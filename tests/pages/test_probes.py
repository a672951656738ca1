"""What somebody tries who means no good, over HTTP against a dashboard on this machine."""

from __future__ import annotations

import re
import socket
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", KEY, "Sec-WebSocket-Version: 13")
AS_PAGE = ("Accept: text/html",)
ON_ALL = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# What is asked as it stands here, and the status of the answer.
PROBES = {
    "a page": ("GET", "/", AS_PAGE, 200),
    "a page's head": ("HEAD", "/", AS_PAGE, 200),
    "no page": ("GET", "/nopage", AS_PAGE, 404),
    "whether it lives": ("GET", "/livez", (), 200),
    "whether it is ready": ("GET", "/readyz", (), 200),
    "Streamlit's health": ("GET", "/_stcore/health", (), 200),
    "Streamlit's metrics": ("GET", "/_stcore/metrics", (), 404),
    "metrics with a slash": ("GET", "/_stcore/metrics/", (), 404),
    "metrics, percent-encoded": ("GET", "/%5fstcore/metrics", (), 404),
    "the agents' API": ("GET", "/_stcore/agent/openapi.json", (), 404),
    "the agents' MCP": ("GET", "/_stcore/agent/mcp", (), 404),
    "an agent's click": ("POST", "/_stcore/agent/interact", (), 405),
    "an upload": ("PUT", "/_stcore/upload_file/a/b", (), 405),
    "a component of its own": ("GET", "/component/any.index/index.html", (), 404),
    "a script's health": ("GET", "/_stcore/script-health-check", (), 404),
    "a login that is none": ("GET", "/auth/login?provider=x", (), 404),
    "a return from a login": ("GET", "/oauth2callback?code=x&state=y", (), 404),
    "POST": ("POST", "/", (), 405),
    "DELETE": ("DELETE", "/users", (), 405),
    "TRACE": ("TRACE", "/", (), 405),
    "a method of its own": ("PROPFIND", "/", (), 405),
    "a method that claims another": ("GET", "/", ("X-HTTP-Method-Override: DELETE",), 200),
    "out of the fonts": ("GET", "/app/static/../app.py", (), 400),
    "out of the fonts, encoded": ("GET", "/app/static/%2e%2e/app.py", (), 400),
    "out of the fonts, twice encoded": ("GET", "/app/static/%252e%252e/app.py", (), 404),
    "out of the client's files": ("GET", "/static/%2e%2e%2f%2e%2e%2fapp.py", (), 400),
    "out of the downloads": ("GET", "/media/..%2f..%2fetc%2fpasswd", (), 400),
    "by a backslash": ("GET", "/app/static/..%5c..%5capp.py", (), 400),
    "a file by its whole path": ("GET", "/app/static//etc/passwd", (), 400),
    "a zero byte": ("GET", "/app/static/icons.woff2%00.js", (), 400),
    "a folder": ("GET", "/app/static/", (), 404),
    "a download of nobody": ("GET", "/media/00000000.csv", (), 404),
    "away to another host": ("GET", "//evil.example/", AS_PAGE, 400),
    "away by a backslash": ("GET", "/%5cevil.example/", AS_PAGE, 400),
    "away by a page": ("GET", "/users/?next=//evil.example", AS_PAGE, 301),
    "a header in the address": ("GET", "/users?user=a%0d%0aSet-Cookie:%20x=1", AS_PAGE, 200),
    "a header in the path": ("GET", "/users%0d%0aX-Injected:%201", AS_PAGE, 404),
    "a script in the address": ("GET", "/users?user=<script>probe()</script>", AS_PAGE, 200),
    "a long header": ("GET", "/", (f"X-Long: {'a' * 40_000}",), 431),
    "a long address": ("GET", f"/?q={'a' * 40_000}", (), 431),
    "another site's page": ("GET", "/_stcore/health", ("Origin: http://evil.example",), 200),
    "TLS, as anybody may claim": ("GET", "/", ("X-Forwarded-Proto: https",), 200),
}
HOSTS = {
    "{at}": 101,
    "localhost:{port}": 101,
    "LOCALHOST": 101,
    "[::1]:{port}": 101,
    "evil.example": 403,
    "evil.example:{port}": 403,
    "127.0.0.1.evil.example": 403,
    "localhost.evil.example": 403,
    "evil.example@127.0.0.1": 403,
    "127.0.0.1:99999": 403,
    "127.0.0.1/x": 403,
    "10.0.0.1": 403,
    "": 403,
}
ORIGINS = {
    "http://{at}": 101,
    "HTTP://{at}": 101,
    "": 101,
    "http://evil.example": 403,
    "http://{host}:1": 403,
    "http://localhost:{port}": 403,
    "http://{at}.evil.example": 403,
    "null": 403,
}


def ask(server, method, path, lines=(), host=None):
    """Status, headers and body of an answer, to a request as it is written."""
    at = urlsplit(server)
    with socket.create_connection((at.hostname, at.port), timeout=20) as line:
        head = (f"{method} {path} HTTP/1.1", f"Host: {at.netloc if host is None else host}")
        close = () if lines[:1] == UPGRADE[:1] else ("Connection: close",)
        line.sendall("\r\n".join((*head, *lines, *close, "", "")).encode())
        said = b""
        while b"\r\n\r\n" not in said or close:
            part = line.recv(65_536)
            said += part
            if not part:
                break
    top, _, body = said.partition(b"\r\n\r\n")
    status, *rest = top.decode("latin-1").split("\r\n")
    headers = [(name.lower(), value) for name, _, value in (row.partition(": ") for row in rest)]
    return int(status.split()[1]), headers, body


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_gets_what_is_meant_for_it_and_no_more(server, name):
    method, path, lines, wanted = PROBES[name]
    status, headers, body = ask(server, method, path, lines)
    assert status == wanted
    told = dict(headers)
    assert len(told) == len(headers)
    assert {key: told.get(key) for key in ON_ALL} == ON_ALL
    assert "content-security-policy" in told
    assert "strict-transport-security" not in told
    assert "x-injected" not in told
    assert urlsplit(told.get("location", "")).netloc in ("", urlsplit(server).netloc)
    assert not re.search(rb"Traceback|/ho[m]e/|/tmp/|/usr/|site-packages|probe\(\)|root:", body)
    if wanted >= 400 or not path.startswith("/app/static/"):
        assert told["cache-control"] == "no-store"
    assert told.get("access-control-allow-origin") in (None, "*")
    assert "access-control-allow-credentials" not in told
    if told.get("access-control-allow-origin"):
        assert path.startswith("/app/static/")
    for cookie in told.get("set-cookie", "").splitlines():
        assert "samesite" in cookie.lower()


@pytest.mark.parametrize("host", HOSTS)
def test_only_this_machine_is_asked_by_its_names(server, host):
    at = urlsplit(server)
    named = host.format(at=at.netloc, port=at.port)
    status, _, _ = ask(server, "GET", "/_stcore/stream", UPGRADE, named)
    assert status == HOSTS[host]
    status, _, body = ask(server, "GET", "/", (), named)
    assert status == (200 if HOSTS[host] == 101 else 400)
    assert b"evil" not in body


@pytest.mark.parametrize("origin", ORIGINS)
def test_only_its_own_pages_are_told_numbers(server, origin):
    at = urlsplit(server)
    named = origin.format(at=at.netloc, host=at.hostname, port=at.port)
    lines = (*UPGRADE, *((f"Origin: {named}",) if named else ()))
    assert ask(server, "GET", "/_stcore/stream", lines)[0] == ORIGINS[origin]


class Scripts(HTMLParser):
    """The texts of the scripts that stand in a page."""

    def __init__(self, page):
        super().__init__()
        self.inside = False
        self.texts = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script" and "src" not in dict(attrs)

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.texts.append(data)


def test_a_page_runs_its_own_scripts_and_no_others(server):
    _, headers, body = ask(server, "GET", "/", AS_PAGE)
    scripts = Scripts(body.decode()).texts
    assert len(scripts) == 3
    hashes = {f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts}
    policy = dict(
        part.strip().split(" ", 1) for part in dict(headers)["content-security-policy"].split(";")
    )
    assert set(policy["script-src"].split()) == {"'self'", *hashes}
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    # What Streamlit's page tells programs to use is closed.
    assert b"openapi" not in body


def test_a_download_is_looked_at_and_does_nothing(server):
    policy = dict(ask(server, "GET", "/media/00000000.csv")[1])["content-security-policy"]
    assert {"default-src 'none'", "sandbox"} <= set(policy.split("; "))
