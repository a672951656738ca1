"""The collector over HTTP: who may send, what is answered, and what strangers cannot do to it."""

import asyncio
import gzip
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from etl.collector import app
from etl.collector.app import create_app
from etl.collector.patience import PatientProtocol
from etl.collector.spool import Spool
from etl.errors import SpoolFull
from tests.etl.collector.served import CONFIG, Served, serve, serve_app
from tests.make import settings_of

EVENT = {"type": "click"}
SITE = "https://www.example.com"


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One that all tests of this file send to."""
    with serve(tmp_path_factory.mktemp("collector") / "home", body_time=1.5) as served:
        yield served


def body_of(*events: Any) -> dict[str, Any]:
    """A body of the tracker."""
    return {"v": 1, "session_id": "s1", "visitor_id": "v1", "events": list(events)}


def kept(collector: Served, word: str) -> list[dict[str, Any]]:
    """The lines of an event type."""
    return [line for line in collector.lines() if line["event_type"] == word]


ONE = {"accepted": 1, "session_id": "s1"}
V1 = "/api/v1/sessions"
# fmt: off
ROUTES = {
    "tracker": ("/i", body_of({"type": "route-1"}), 204, None),
    "event": (f"{V1}/s1/event", {"type": "route-2"}, 200, ONE),
    "events": (f"{V1}/s1/events", body_of({"type": "route-3"}), 200, ONE),
    "alias": ("/session/event", {"sessionId": "s1", "action": "route-4"}, 200, ONE),
    "of the API": ("/api/session/event", {"session_id": "s1", "type": "route-5"}, 200, ONE),
    "log": ("/log_event", {"session_id": "s1", "event_type": "route-6"}, 200, ONE),
}
STARTS = ("/api/v1/sessions/start", "/session/start", "/api/session/start")
ENDS = ("/api/v1/sessions/e1/end", "/session/end", "/api/session/end")
# fmt: on


@pytest.mark.parametrize(("path", "body", "status", "said"), ROUTES.values(), ids=ROUTES)
def test_what_is_answered_is_on_disk(
    collector: Served, path: str, body: Any, status: int, said: Any
) -> None:
    answer = collector.post(path, body)
    assert (answer.status, answer.said if answer.body else None) == (status, said)
    word = json.dumps(body).partition("route-")[2][0]
    assert [line["session_id"] for line in kept(collector, f"route-{word}")] == ["s1"]


@pytest.mark.parametrize("path", STARTS)
def test_a_start_answers_the_sessions_id(collector: Served, path: str) -> None:
    answer = collector.post(path, {"userId": "ann"})
    assert (answer.status, answer.said["id"]) == (201, answer.said["session_id"])
    assert answer.said["id"] in [line["session_id"] for line in kept(collector, "session_start")]
    assert collector.post(path, {"sessionId": "mine"}).said["id"] == "mine"


@pytest.mark.parametrize("path", ENDS)
def test_an_end_is_kept_with_its_reason(collector: Served, path: str) -> None:
    before = len(kept(collector, "session_end"))
    assert collector.post(path, {"session_id": "e1", "reason": "timeout"}).status == 200
    ends = kept(collector, "session_end")[before:]
    assert [(end["session_id"], end["properties"]) for end in ends] == [
        ("e1", {"exit_reason": "timeout"})
    ]


def test_a_heartbeat_needs_no_body(collector: Served) -> None:
    assert collector.post("/api/v1/sessions/h1/heartbeat").status == 200
    assert "h1" in [line["session_id"] for line in kept(collector, "heartbeat")]


def test_a_picture_is_answered_with_a_picture(collector: Served) -> None:
    referer = {"Referer": f"{SITE}/without"}
    answer = collector.ask("GET", "/pixel.gif?key=the-key&plan=pro", headers=referer)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body.startswith(b"GIF89a")
    told = kept(collector, "page_view")[-1]
    assert (told["url"], told["properties"]) == (f"{SITE}/without", {"plan": "pro"})


def test_the_address_of_a_visitor_is_not_kept(collector: Served) -> None:
    collector.post("/log_event", EVENT, X_Forwarded_For="192.0.2.77")
    files = [path for path in collector.home.rglob("*") if path.is_file()]
    assert files
    assert not any(b"192.0.2.77" in file.read_bytes() for file in files)
    assert not any(b"127.0.0.1" in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    ("path", "key", "body", "status", "source"),
    [
        ("/i", "the-key", body_of(EVENT), 204, "web"),
        ("/i?key=the-key", None, body_of(EVENT), 204, "web"),
        ("/i?a=b&key=the%2Dkey", None, body_of(EVENT), 204, "web"),
        ("/i", None, body_of(EVENT) | {"key": "the-key"}, 204, "web"),
        ("/log_event", "app-key", EVENT, 200, "app"),
        ("/i", None, body_of(EVENT), 401, None),
        ("/i", "wrong", body_of(EVENT), 401, None),
        ("/i", "wrong", body_of(EVENT) | {"key": "the-key"}, 401, None),
        ("/i?key=", None, body_of(EVENT), 401, None),
        ("/i", None, body_of(EVENT) | {"key": ["the-key"]}, 401, None),
        ("/log_event?key=the-key%00", None, EVENT, 401, None),
        ("/pixel.gif", None, None, 401, None),
    ],
)
def test_the_key_says_of_which_source_an_event_is(
    collector: Served, path: str, key: str | None, body: Any, status: int, source: str | None
) -> None:
    before = {name: len(collector.lines(name)) for name in ("web", "app")}
    asked = Served(collector.port, collector.home, key)
    answer = asked.ask("POST" if body else "GET", path, body)
    assert answer.status == status
    added = {name for name in before if len(collector.lines(name)) > before[name]}
    assert added == ({source} if source else set())
    if status == 401:
        assert "write key" in answer.said["error"]


@pytest.mark.parametrize(
    ("origin", "key", "status"),
    [
        (SITE, "the-key", 204),
        ("HTTPS://WWW.EXAMPLE.COM", "the-key", 204),
        ("https://evil.example", "the-key", 403),
        ("https://www.example.com.evil.example", "the-key", 403),
        ("http://www.example.com", "the-key", 403),
        ("null", "the-key", 403),
        ("https://any.example", "app-key", 204),
        ("https://evil.example", "wrong", 401),
    ],
)
def test_pages_of_named_sites_may_send_and_all_may_read_why_not(
    collector: Served, origin: str, key: str, status: int
) -> None:
    answer = Served(collector.port, collector.home, key).post("/i", body_of(EVENT), Origin=origin)
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["vary"] == "origin"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("path", "origin", "status"),
    [
        ("/api/v1/sessions/start", SITE, 204),
        ("/i?key=the-key", SITE, 204),
        ("/i?key=the-key", "https://any.example", 403),
        # Of which key it will be is not told before, and one is for pages of any site.
        ("/i", "https://any.example", 204),
    ],
)
def test_a_browser_that_asks_beforehand_is_told(
    collector: Served, path: str, origin: str, status: int
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = Served(collector.port, collector.home, None).ask("OPTIONS", path, headers=asked)
    assert answer.status == status
    if status == 204:
        assert answer.headers["access-control-allow-origin"] == origin
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "x-write-key" in answer.headers["access-control-allow-headers"]
    else:
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"DNT": "1"}, 204), ({"Sec_GPC": "1"}, 204), ({"DNT": "0"}, 204)],
)
def test_who_asks_not_to_be_tracked_is_not(
    collector: Served, headers: dict[str, str], status: int
) -> None:
    before = len(collector.lines())
    assert collector.post("/i", body_of(EVENT), **headers).status == status
    assert len(collector.lines()) - before == (headers == {"DNT": "0"})


def test_with_the_setting_who_asks_is_counted_all_the_same(tmp_path: Path) -> None:
    config = CONFIG.replace("[collect]", "[collect]\nhonour_dnt = false")
    with serve(tmp_path / "home", config) as collector:
        collector.post("/i", body_of(EVENT), DNT="1")
        assert len(collector.lines()) == 1


BIG = json.dumps(body_of({"type": "x", "data": "y" * 10_000_000})).encode()
BOMB = gzip.compress(b'{"events": [' + b" " * 50_000_000)
# fmt: off
ABUSES: dict[str, tuple[Any, dict[str, str], int]] = {
    "10 MB": (BIG, {}, 413),
    "10 MB in gzip": (gzip.compress(BIG, 1), {"Content_Encoding": "gzip"}, 413),
    "a bomb": (BOMB, {"Content_Encoding": "gzip"}, 413),
    "no gzip": (b"{}", {"Content_Encoding": "gzip"}, 400),
    "another encoding": (b"{}", {"Content_Encoding": "br"}, 415),
    "deep": (b"[" * 500_000, {}, 400),
    "deep objects": (b'{"a":' * 100_000, {}, 400),
    "no JSON": (b"a=b", {}, 400),
    "no UTF-8": (b'{"events": [{"type": "\xff"}]}', {}, 400),
    "nothing": (b"", {}, 400),
    "too many events": (body_of(*[EVENT] * 1001), {}, 400),
}
# fmt: on


@pytest.mark.parametrize(("body", "headers", "status"), ABUSES.values(), ids=ABUSES)
def test_what_is_too_much_or_nothing_is_refused_and_nothing_kept(
    collector: Served, body: Any, headers: dict[str, str], status: int
) -> None:
    before = len(collector.lines())
    answer = collector.post("/i", body, **headers)
    assert answer.status == status
    assert answer.said["error"].endswith(".")
    assert len(collector.lines()) == before
    assert collector.ask("GET", "/health").said == {"status": "ok"}


def test_a_body_in_gzip_is_taken(collector: Served) -> None:
    packed = gzip.compress(json.dumps(body_of({"type": "packed"})).encode())
    assert collector.post("/i", packed, Content_Encoding="gzip").status == 204
    assert len(kept(collector, "packed")) == 1


def test_a_body_without_a_length_is_held_to_the_limit(collector: Served) -> None:
    head = "POST /i?key=the-key HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with collector.connect() as connection:
        connection.sendall(head.encode() + chunk * 16)
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_breaks_of_lines_in_values_make_no_lines_and_no_headers(collector: Served) -> None:
    split = "a\r\nSet-Cookie: b=c\r\n\r\n<html>"
    answer = collector.post("/api/v1/sessions/start", {"id": split, "data": {split: split}})
    assert answer.status == 201
    assert answer.said["id"] == split
    assert "set-cookie" not in answer.headers
    told = [line for line in collector.lines() if line.get("session_id") == split]
    assert [line["properties"] for line in told] == [{split: split}]
    answer = collector.post("/api/v1/sessions/a%0d%0aSet-Cookie:%20b=c/event", {"type": "crlf"})
    assert (answer.status, "set-cookie" in answer.headers) == (200, False)


@pytest.mark.parametrize("header", ["Origin: a\r b", "Origin: a\x00b", "Origin: a\n b", "X\r\n: y"])
def test_breaks_of_lines_in_headers_are_no_request(collector: Served, header: str) -> None:
    body = json.dumps(body_of(EVENT))
    head = f"POST /i?key=the-key HTTP/1.1\r\nHost: a\r\n{header}\r\nContent-Length: {len(body)}"
    with collector.connect() as connection:
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        assert connection.recv(1000).partition(b"\r\n")[0].split()[1] in (b"400", b"403")


def slowly(collector: Served, first: bytes, then: bytes) -> tuple[bytes, float]:
    """What a client that sends so is answered, and after how many seconds it is left."""
    started = time.monotonic()
    with collector.connect() as connection:
        connection.sendall(first)
        try:
            while time.monotonic() < started + 8:
                time.sleep(0.05)
                connection.sendall(then)
                connection.settimeout(0.01)
                try:
                    if not (answer := connection.recv(1000)):
                        break
                    return answer, time.monotonic() - started
                except TimeoutError:
                    connection.settimeout(5)
        except (BrokenPipeError, ConnectionResetError):
            pass
    return b"", time.monotonic() - started


def test_nobody_is_waited_for_whose_head_does_not_end(collector: Served) -> None:
    answer, seconds = slowly(collector, b"POST /i HTTP/1.1\r\n", b"X-A: b\r\n")
    assert answer == b""
    assert seconds < 4


def test_nobody_is_waited_for_who_says_nothing(collector: Served) -> None:
    with collector.connect() as connection:
        assert connection.recv(10) == b""


def test_nobody_is_waited_for_whose_body_does_not_come(collector: Served) -> None:
    head = b"POST /i?key=the-key HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
    answer, seconds = slowly(collector, head, b"x")
    assert answer.startswith(b"HTTP/1.1 408")
    assert seconds < 4


HEALTH = b"GET /health HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    "first",
    [
        HEALTH + b"\r\n",
        (HEALTH + b"\r\n") * 2,
        # Answered before it is there as a whole.
        HEALTH + b"Content-Length: 4\r\n\r\n",
        HEALTH + b"\r\n" + HEALTH + b"Content-Length: 2\r\n\r\n",
    ],
    ids=["one", "two at once", "answered early", "the second early"],
)
def test_nobody_is_waited_for_who_sends_nothing_more_than_breaks_of_lines(
    collector: Served, first: bytes
) -> None:
    started = time.monotonic()
    with collector.connect() as connection, suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(first)
        connection.settimeout(0.05)
        while time.monotonic() < started + 8:
            with suppress(TimeoutError):
                if not connection.recv(10_000):
                    break
            connection.sendall(b"\r\n")
    assert time.monotonic() - started < 6


def test_an_answer_may_take_longer_than_a_request(tmp_path: Path) -> None:
    async def slow(_: Any) -> Response:
        await asyncio.sleep(1.5)
        return Response("there")

    request = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
    with (
        serve(tmp_path / "home", more=[Route("/slow", slow)]) as served,
        served.connect() as connection,
    ):
        # The first is answered while the second waits, and somebody sends a break too much.
        connection.sendall(request * 2)
        time.sleep(1.7)
        connection.sendall(b"\r\n")
        got = b""
        while got.count(b"there") < 2:
            part = connection.recv(1000)
            assert part, got
            got += part


class Patient(PatientProtocol):
    """It is not the time that ends a head."""

    head_time = 60.0


def test_a_head_has_an_end(tmp_path: Path) -> None:
    with serve(tmp_path / "home", protocol=Patient) as collector:
        with collector.connect() as connection, suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(b"GET / HTTP/1.1\r\n" + b"X-A: bbbbbbbbbbbbbbbb\r\n" * 5_000)
            assert connection.recv(100) == b""
        assert collector.ask("GET", "/health").status == 200


def test_who_announces_too_much_is_refused_before_it_comes(collector: Served) -> None:
    head = b"POST /i?key=the-key HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n"
    with collector.connect() as connection:
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_requests_on_one_connection_are_answered_in_turn(collector: Served) -> None:
    body = json.dumps(body_of({"type": "in-turn"}))
    one = f"POST /i?key=the-key HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    with collector.connect() as connection:
        connection.sendall(one.encode() * 5)
        got = b""
        while got.count(b"HTTP/1.1 204") < 5:
            got += connection.recv(10_000)
        # Longer than a head may take: a connection may stay, and be used again.
        time.sleep(1.2)
        connection.sendall(one.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 204")
    assert len(kept(collector, "in-turn")) == 6


def test_many_requests_are_held_back_and_told_for_how_long(tmp_path: Path) -> None:
    config = CONFIG.replace("rate_limit = 0\n", "rate_limit = 1\n", 1)
    with serve(tmp_path / "home", config) as collector:
        answers = [collector.post("/i", body_of(EVENT), Origin=SITE) for _ in range(12)]
        statuses = [answer.status for answer in answers]
        assert statuses[:2] == [204, 204]
        held = answers[statuses.index(429)]
        assert held.headers["retry-after"] == "1"
        assert held.headers["access-control-allow-origin"] == SITE
        # Another source has a limit of its own, and so has who has no key.
        other = Served(collector.port, collector.home, "app-key")
        assert other.post("/i", body_of(EVENT)).status == 204
        nobody = Served(collector.port, collector.home, "wrong")
        assert {nobody.post("/i", b"x").status for _ in range(12)} == {401, 429}
        assert len(collector.lines()) == statuses.count(204)


def test_a_key_has_a_limit_from_wherever(tmp_path: Path) -> None:
    config = CONFIG.replace("key_rate_limit = 0", "key_rate_limit = 1")
    with serve(tmp_path / "home", config) as collector:
        statuses = [
            collector.post("/i", body_of(EVENT), X_Forwarded_For=f"192.0.2.{number}").status
            for number in range(12)
        ]
        assert statuses[:2] == [204, 204]
        assert 429 in statuses


class FullSpool:
    """A disk without room."""

    async def append(self, source: str, lines: list[bytes]) -> None:
        """Keeps nothing."""
        msg = "Nothing of this request was kept: there is no room left."
        raise SpoolFull(msg, 5)

    async def close(self) -> None:
        """Nothing to close."""


def test_a_full_disk_is_told_with_the_time_to_come_again(tmp_path: Path) -> None:
    with serve(tmp_path / "home", spool=FullSpool()) as collector:
        answer = collector.post("/i", body_of(EVENT), Origin=SITE)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert "no room" in answer.said["error"]
        assert answer.headers["access-control-allow-origin"] == SITE


def test_without_any_key_this_machine_alone_may_send(tmp_path: Path) -> None:
    with serve(tmp_path / "home", "") as collector:
        nobody = Served(collector.port, collector.home, None)
        assert nobody.post("/i", body_of(EVENT), Origin="http://localhost:3000").status == 204
        # A proxy of this machine says for whom it asks.
        answer = nobody.post("/i", body_of(EVENT), X_Forwarded_For="192.0.2.7")
        assert (answer.status, len(collector.lines())) == (403, 1)


def test_who_leaves_in_the_middle_leaves_nothing(collector: Served) -> None:
    before = len(collector.lines())
    head = b"POST /i?key=the-key HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
    with collector.connect() as connection:
        connection.sendall(head + b'{"events": [{"type": "x"}]')
    assert collector.ask("GET", "/health").status == 200
    assert len(collector.lines()) == before


def test_who_asks_for_the_head_of_a_picture_views_no_page(collector: Served) -> None:
    before = len(collector.lines())
    answer = collector.ask("HEAD", "/pixel.gif")
    assert (answer.status, answer.body, len(collector.lines())) == (200, b"", before)


def test_it_can_be_a_part_of_another_application(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "home")
    inner = create_app(settings_of(tmp_path / "home", CONFIG), spool)
    outer = Starlette(routes=[Mount("/events", inner)])
    with serve_app(outer) as port:
        collector = Served(port, tmp_path / "home")
        assert collector.post("/events/i", body_of(EVENT)).status == 204
        assert collector.post("/events/api/v1/sessions/s9/event", EVENT).said["session_id"] == "s9"
        assert collector.post("/i", body_of(EVENT)).status == 404
    spool.stop()
    assert [line["session_id"] for line in collector.lines()] == ["s1", "s9"]


def test_the_tracker_is_kept_by_browsers_for_a_while(
    collector: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "TRACKER", tmp_path / "dwell.js")
    assert collector.ask("GET", "/dwell.js").status == 404
    (tmp_path / "dwell.js").write_text("window.dwell = 1")
    answer = collector.ask("GET", "/dwell.js")
    assert (answer.status, answer.body) == (200, b"window.dwell = 1")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "max-age" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"
    squeezed = collector.ask("GET", "/dwell.js", headers={"Accept-Encoding": "br, gzip"})
    assert squeezed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(squeezed.body) == answer.body
    tag = {"If-None-Match": answer.headers["etag"]}
    assert collector.ask("GET", "/dwell.js", headers=tag).status == 304
    time.sleep(0.01)
    (tmp_path / "dwell.js").write_text("window.dwell = 2")
    assert collector.ask("GET", "/dwell.js", headers=tag).body == b"window.dwell = 2"


def test_events_that_tell_no_time_keep_their_order(collector: Served) -> None:
    body = {"events": [{"type": "ordered", "page": f"/{n}"} for n in range(20)]}
    assert collector.post(f"{V1}/s1/events", body).status == 200
    lines = sorted(kept(collector, "ordered"), key=lambda line: line["event_time"])
    assert [line["url"] for line in lines] == [f"/{n}" for n in range(20)]
    assert len({line["event_time"] for line in lines}) == 20


def test_the_operator_is_told_what_was_refused(tmp_path: Path) -> None:
    told: list[str] = []
    with serve(tmp_path / "home", on_refused=lambda text, _: told.append(text)) as collector:
        for site in ("https://a.example", "https://a.example", "https://b.example"):
            collector.post("/i", body_of(EVENT), Origin=site)
        collector.post("/i", body_of(EVENT))
    assert [text[:3] for text in told] == ["403", "403"]
    assert "From 'https://a.example'" in told[0]


def test_a_sessions_id_may_hold_a_slash(collector: Served) -> None:
    answer = collector.post(f"{V1}/a%2Fb/event", {"type": "slashed"})
    assert answer.said == {"accepted": 1, "session_id": "a/b"}
    assert [line["session_id"] for line in kept(collector, "slashed")] == ["a/b"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *[("GET", "/i", 405), ("PUT", "/i", 405), ("POST", "/pixel.gif", 405)],
        *[("GET", "/nothing", 404), ("POST", "/api/v1/sessions/%20/event", 400)],
        ("POST", f"/api/v1/sessions/{'x' * 257}/event", 400),
        *[(method, f"/i?{'a=b&' * 101}", 400) for method in ("POST", "OPTIONS")],
    ],
)
def test_what_is_not_there_is_told_as_json(
    collector: Served, method: str, path: str, status: int
) -> None:
    answer = collector.ask(method, path, EVENT if method == "POST" else None)
    assert answer.status == status
    assert list(answer.said) == ["error"]
