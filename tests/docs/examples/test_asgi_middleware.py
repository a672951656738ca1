"""The middleware of docs/examples in a Starlette app, beside a server that records."""

import asyncio
import importlib.util
import json
import re
import socket
import time
import uuid
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route

from tests.apart import run_apart
from tests.docs.examples.collecting import collecting
from tests.docs.examples.recording import recording

ROOT = Path(__file__).parents[3]
SESSION = [(b"X-Dwell-Session", b"s-1")]
EXAMPLE = ROOT / "docs" / "examples" / "asgi_middleware.py"


def middleware():
    """The example as a module of its own: its pauses can be shortened for one test."""
    spec = importlib.util.spec_from_file_location("asgi_middleware", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def login(request):
    if request.query_params.get("password") != "right":
        return PlainTextResponse("no", 401)
    request.state.user_id = "ann"
    return PlainTextResponse("welcome")


async def logout(request):
    request.state.user_id = uuid.UUID(int=7)
    return PlainTextResponse("bye")


async def report(request):
    return StreamingResponse(iter(("one ", "two ", "three")))


async def broken(request):
    raise ZeroDivisionError


def app_of(module, collector, **options):
    routes = [
        Route("/", lambda request: PlainTextResponse("home")),
        Route("/auth/login", login, methods=["POST"]),
        Route("/auth/logout", logout, methods=["POST"]),
        Route("/auth/refresh", lambda request: PlainTextResponse("token"), methods=["POST"]),
        Mount("/api", routes=[Route("/reports", report), Route("/broken", broken)]),
    ]
    told = Middleware(module.DwellMiddleware, collector=collector, key="secret", **options)
    return Starlette(routes=routes, middleware=[told])


def ask(app, method, path, query="", headers=()):
    """Status and body of one request, as a server would make it."""
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": [(n.lower(), v) for n, v in headers],
        "root_path": "", "http_version": "1.1", "scheme": "http",
        "server": ("127.0.0.1", 80), "client": ("203.0.113.9", 4711),
    }  # fmt: skip
    sent, received = [], [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if not received:
            # Nobody hangs up.
            await asyncio.sleep(60)
        return received.pop()

    async def send(message):
        sent.append(message)

    run_apart(app(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.fixture
def collector():
    with recording() as server:
        yield server


def test_each_request_that_counts_is_one_event(collector):
    app = app_of(middleware(), collector.address)
    told = [(b"User-Agent", b"Firefox/141"), *SESSION]
    assert ask(app, "POST", "/auth/login", "password=right", told) == (200, b"welcome")
    assert ask(app, "POST", "/auth/login", "password=wrong", SESSION) == (401, b"no")
    assert ask(app, "POST", "/auth/refresh", headers=SESSION)[0] == 200
    assert ask(app, "GET", "/api/reports", "account=7", SESSION) == (200, b"one two three")
    assert ask(app, "GET", "/") == (200, b"home")
    assert ask(app, "POST", "/auth/logout") == (200, b"bye")
    events = collector.events(5)
    seen = [(e["type"], e["page"], e["data"]["method"], e["data"]["status"]) for e in events]
    assert seen == [
        ("login", "/auth/login", "POST", 200),
        ("api_request", "/auth/login", "POST", 401),
        ("token_refresh", "/auth/refresh", "POST", 200),
        ("api_request", "/api/reports", "GET", 200),
        ("logout", "/auth/logout", "POST", 200),
    ]
    assert [e["user_id"] for e in events] == ["ann", None, None, None, str(uuid.UUID(int=7))]
    # Who is not known is called after the session, as the collector does it.
    assert [e["visitor_id"] for e in events] == [None, "s-1", "s-1", "s-1", None]
    assert [e["session_id"] for e in events] == ["s-1", "s-1", "s-1", "s-1", None]
    assert events[0]["device"] == {"user_agent": "Firefox/141"}
    assert len({e["id"] for e in events}) == 5
    assert abs(time.time() - events[0]["t"] / 1000) < 30
    path, headers, _ = collector.requests[0]
    assert (path, headers["X-Write-Key"]) == ("/i", "secret")
    # Neither addresses nor what stands behind a question mark leave the app.
    assert "203.0.113.9" not in str(collector.requests)
    assert "password" not in str(collector.requests)


def test_an_error_of_the_app_stays_its_own_and_is_told(collector):
    app = app_of(middleware(), collector.address)
    with pytest.raises(ZeroDivisionError):
        ask(app, "GET", "/api/broken", headers=SESSION)
    (event,) = collector.events(1)
    assert (event["type"], event["data"]["status"]) == ("api_request", 500)


@pytest.mark.parametrize(
    "headers", [(), [*SESSION, (b"DNT", b"1")], [*SESSION, (b"Sec-GPC", b"1")]]
)
def test_of_nobody_and_of_who_does_not_want_it_nothing_is_told(collector, headers):
    app = app_of(middleware(), collector.address)
    assert ask(app, "GET", "/api/reports", headers=headers)[0] == 200
    assert app.middleware_stack.app.waiting.empty()
    time.sleep(0.05)
    assert collector.requests == []


def test_what_is_no_request_passes_by(collector):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    wrapped = middleware().DwellMiddleware(app, collector.address, "secret")
    for kind in ("lifespan", "websocket"):
        run_apart(wrapped({"type": kind}, None, None))
    assert seen == ["lifespan", "websocket"]
    assert collector.requests == []


def test_a_collector_that_hangs_delays_no_answer_and_holds_no_memory(collector):
    collector.answers = [None]
    app = app_of(middleware(), collector.address, most_waiting=5)
    began = time.monotonic()
    for _ in range(50):
        assert ask(app, "GET", "/api/reports", headers=SESSION)[0] == 200
    assert time.monotonic() - began < 3
    assert len(collector.requests) <= 1
    waiting = app.middleware_stack.app.waiting
    assert waiting.qsize() <= 5


@pytest.mark.parametrize("answer", [503, 429])
def test_a_collector_that_asks_for_patience_gets_the_same_event_again(collector, answer):
    collector.answers = [answer]
    app = app_of(middleware(), collector.address)
    ask(app, "GET", "/api/reports", headers=SESSION)
    first, again = collector.events(2)
    assert first == again


def test_what_the_collector_refuses_is_not_sent_again(collector):
    collector.answers = [400, 401]
    app = app_of(middleware(), collector.address)
    for number in (1, 2, 3):
        ask(app, "GET", "/api/reports", headers=SESSION)
        collector.events(number)
    time.sleep(0.1)
    assert len({e["id"] for e in collector.events(3)}) == 3


LONG = [(b"X-Dwell-Session", b"a" * 257)]
# fmt: off
TOO_LONG = {
    "session": ("POST", "/auth/logout", LONG, {"session_id": None}),
    "path": ("GET", "/api/" + "a" * 9000, SESSION, {"page": "/api/" + "a" * 8187}),
    "agent": ("GET", "/api/reports", [*SESSION, (b"User-Agent", b"a" * 9000)],
              {"device": {"user_agent": "a" * 8192}}),
}
# fmt: on


@pytest.mark.parametrize(("method", "path", "headers", "told"), TOO_LONG.values(), ids=TOO_LONG)
def test_what_is_too_long_for_the_collector_is_cut_or_left_out(
    collector, method, path, headers, told
):
    ask(app_of(middleware(), collector.address), method, path, headers=headers)
    (event,) = collector.events(1)
    assert event | told == event


def test_of_whom_only_too_long_a_session_is_known_nothing_is_told(collector):
    app = app_of(middleware(), collector.address)
    ask(app, "GET", "/api/reports", headers=LONG)
    assert app.middleware_stack.app.waiting.empty()
    time.sleep(0.05)
    assert collector.requests == []


@pytest.mark.parametrize("answer", [400, 413])
def test_what_is_refused_together_is_sent_one_by_one_and_once(collector, answer):
    # What comes while the first is on its way goes together.
    collector.answers = [503, 204, answer, 204, answer, 204]
    app = app_of(middleware(), collector.address)
    ask(app, "GET", "/api/reports", headers=SESSION)
    collector.events(1)
    for _ in range(3):
        ask(app, "GET", "/api/reports", headers=SESSION)
    events = collector.events(8)
    time.sleep(0.1)
    assert [len(body["events"]) for _, _, body in collector.requests] == [1, 1, 3, 1, 1, 1]
    assert [e["id"] for e in events[2:5]] == [e["id"] for e in events[5:]]


def test_a_collector_that_starts_later_gets_what_was_kept():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = app_of(middleware(), f"http://127.0.0.1:{port}")
    for _ in range(3):
        assert ask(app, "GET", "/api/reports", headers=SESSION)[0] == 200
    time.sleep(0.2)
    with recording(port) as server:
        assert len(server.events(3)) == 3
        # What waited goes together.
        assert len(server.requests) <= 2


def test_the_collector_itself_takes_what_is_sent(tmp_path):
    (tmp_path / "dwell.toml").write_text('[sources.web]\nwrite_key = "secret"\n')
    spooled = tmp_path / "landing" / "web" / "collected"
    with collecting(tmp_path) as address:
        app = app_of(middleware(), address)
        told = [(b"User-Agent", b"Mozilla/5.0 Firefox/141.0"), *SESSION]
        ask(app, "POST", "/auth/login", "password=right", told)
        ask(app, "GET", "/api/reports", headers=SESSION)
        lines = []
        end = time.monotonic() + 10
        while len(lines) < 2 and time.monotonic() < end:
            time.sleep(0.05)
            text = "".join(path.read_text() for path in spooled.glob("*.ndjson*"))
            lines = [json.loads(line) for line in text.splitlines()]
    login, call = lines
    assert (login["event_type"], login["user_id"], login["session_id"]) == ("login", "ann", "s-1")
    assert login["user_agent"] == "Mozilla/5.0 Firefox/141.0"
    assert login["properties"]["status"] == 200
    assert (call["event_type"], call["anonymous_id"]) == ("api_request", "s-1")


def test_the_handbook_shows_the_file_as_it_is():
    text = (ROOT / "docs" / "tracking.md").read_text(encoding="utf-8")
    assert EXAMPLE.read_text(encoding="utf-8") in re.findall(r"```python\n(.*?)```", text, re.S)
