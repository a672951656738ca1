"""The guard without a server: names it goes by, TLS by word of a proxy, frames and faults."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.responses import Response

from etl.config.access import access_of
from etl.config.serve import serve_of
from pages.ui.guard import Entrance, Guard
from pages.ui.page_policy import policy_of
from tests.apart import run_apart

NAMED = frozenset({"dwell.example.com"})
# Where it listens, the Host of a request, whether that is asked for here.
HOSTS = [
    ("127.0.0.1", "dwell.example.com", True),
    ("127.0.0.1", "Dwell.Example.com:443", True),
    ("127.0.0.1", "dwell.example.com.", True),
    ("127.0.0.1", "127.0.0.1:8501", True),
    ("127.0.0.1", "localhost", True),
    ("127.0.0.1", "[::1]", True),
    ("127.0.0.1", "10.0.0.7", False),
    ("127.0.0.1", "www.dwell.example.com", False),
    ("127.0.0.1", "", False),
    ("::1", "[::1]:8501", True),
    ("0.0.0.0", "10.0.0.7:8501", True),
    ("0.0.0.0", "[2001:db8::7]:8501", True),
    ("::", "10.0.0.7", True),
    ("0.0.0.0", "evil.example", False),
    ("0.0.0.0", "10.0.0.7.evil.example", False),
    ("0.0.0.0", "[2001:db8::7", False),
    ("lan.example.com", "lan.example.com:8501", True),
]


def entrance(address="127.0.0.1", **serve):
    serve = serve_of(serve, None)
    return Entrance(serve, NAMED, address, policy_of("<head></head>", serve.embed_in))


@pytest.mark.parametrize(("address", "host", "known"), HOSTS)
def test_a_server_goes_by_its_names(address, host, known):
    assert entrance(address).knows(host) == known


def asked(at, *headers, path="/_stcore/stream", kind="websocket"):
    """What is sent first to who asks with these headers, each a name and a value."""
    scope = {
        "type": kind, "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "scheme": "http", "client": ("10.0.0.7", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }  # fmt: skip
    sent = []

    async def send(message):
        sent.append(message)

    run_apart(Guard(fine, at)(scope, None, send))
    return sent[0]


def test_who_asks_by_two_names_gets_nothing():
    known, other = ("host", "127.0.0.1"), ("host", "evil.example")
    assert asked(entrance(), known, path="/", kind="http")["status"] == 200
    for pair in ((known, other), (other, known), (known, known)):
        assert asked(entrance(), *pair, path="/", kind="http")["status"] == 400
        assert asked(entrance(), *pair)["type"] == "websocket.close"


def test_a_proxy_that_drops_the_port_is_told_of_once(caplog):
    at = entrance()
    headers = (("host", "dwell.example.com"), ("origin", "https://dwell.example.com:8443"))
    assert asked(at, *headers)["type"] == "websocket.close"
    [record] = caplog.records
    assert "https://dwell.example.com:8443" in record.getMessage()
    assert "with its port" in record.getMessage()


async def fine(scope, receive, send):
    response = Response("fine", headers={"Set-Cookie": "a=b; Path=/", "Cache-Control": "public"})
    await response(scope, receive, send)


async def broken(scope, receive, send):
    raise ValueError(scope["path"] + "srv/dwell/data")


def get(at, app=fine, *, scheme="http", client="10.0.0.7", **headers):
    """Status, headers and body of an answer to a browser that is, or stands behind, `client`."""
    own = {"host": "127.0.0.1", **headers}
    scope = {
        "type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"",
        "scheme": scheme, "client": (client, 1),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in own.items()],
    }  # fmt: skip
    sent = []

    async def send(message):
        sent.append(message)

    run_apart(Guard(app, at)(scope, None, send))
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


TLS = {
    "none": ({}, False),
    "its own": ({"scheme": "https"}, True),
    "of a proxy": ({"x_forwarded_proto": "https", "client": "10.1.2.3"}, True),
    "of a proxy, over IPv6": ({"x_forwarded_proto": "https", "client": "::ffff:10.1.2.3"}, True),
    "none, as a proxy says": ({"x_forwarded_proto": "http", "client": "10.1.2.3"}, False),
    "of anybody": ({"x_forwarded_proto": "https", "client": "10.2.2.3"}, False),
    "of no address": ({"x_forwarded_proto": "https", "client": "unix"}, False),
}


@pytest.mark.parametrize("name", TLS)
def test_tls_is_kept_to_where_it_was(name):
    asked, is_tls = TLS[name]
    _, headers, _ = get(entrance(proxies=["10.1.0.0/16"]), **asked)
    assert (b"strict-transport-security" in headers) == is_tls
    assert headers[b"set-cookie"].endswith(b"; Secure") == is_tls


def test_what_is_no_file_is_kept_nowhere():
    assert get(entrance())[1][b"cache-control"] == b"no-store"


def test_a_fault_is_told_without_what_it_says(caplog):
    status, headers, body = get(entrance(), broken)
    assert status == 500
    assert b"/srv" not in body
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert "/srv/dwell/data" in caplog.text


def test_a_site_that_may_shows_it_in_a_frame():
    _, headers, _ = get(entrance(embed_in=["https://wiki.example.com"]))
    assert headers[b"content-security-policy"].endswith(
        b"; frame-ancestors https://wiki.example.com"
    )
    assert b"x-frame-options" not in headers
    assert get(entrance())[1][b"x-frame-options"] == b"DENY"


LOGIN = {"proxies": ["10.1.0.0/16"], "user_header": "X-User", "roles": {"viewer": ["Zo\u00e9"]}}
PROXY = {"client": "10.1.2.3"}
WHO = {
    "named by the proxy": ({"x_user": "zo\u00e9", **PROXY}, 200),
    "named by anybody": ({"x_user": "zo\u00e9", "client": "10.9.9.9"}, 403),
    "named by no address": ({"x_user": "zo\u00e9", "client": ""}, 403),
    "not named": (PROXY, 401),
    "named by no name": ({"x_user": "  ", **PROXY}, 401),
    "not one of the list": ({"x_user": "eve", **PROXY}, 403),
    "forwarded as another address": ({"x_forwarded_for": "10.1.2.3", "x_user": "zo\u00e9"}, 403),
}


@pytest.mark.parametrize("name", WHO)
def test_who_asks_is_who_the_proxy_says(name):
    asked, status = WHO[name]
    assert get(entrance(**LOGIN), **asked)[0] == status


def test_who_has_no_role_is_told_why():
    asked = {"x_user": "eve", **PROXY}
    assert b"Ask who runs Dwell for one" in get(entrance(**LOGIN), **asked)[2]
    scopes = access_of({"a": {"where": {"source": ["web"]}, "groups": ["x"]}}, None)
    at = entrance(**LOGIN | {"groups_header": "X-Groups", "roles": {"analyst": ["eve"]}})
    at = replace(at, serve=replace(at.serve, access=scopes))
    status, _, text = get(at, **asked)
    assert (status, b"does not say in which groups you are" in text) == (403, True)
    assert get(at, x_groups="", **asked)[0] == 200
