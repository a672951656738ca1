"""Webhooks: what is sent, what each answer means, and that no address and no second is lost."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.config.webhook_address import WebhookAddress, webhook_address
from etl.errors import DeliveryError
from tests.warehouse.delivery.certificate import certificate, server_context
from tests.warehouse.delivery.servers import Answer, free_port, hooks, talker, trickle
from warehouse.delivery.message import Message
from warehouse.delivery.webhook import post, slack
from warehouse.version import version

SECRET = "T0-s3cret-B0"
MESSAGE = Message("bounce-2026-11-30", "Bounce of ü", "It is 61 %.", {"value": 0.61})


def address(port: int) -> WebhookAddress:
    return webhook_address(f"http://127.0.0.1:{port}/{SECRET}", "webhook")


def failure(port: int, seconds: float = 5.0) -> DeliveryError:
    with pytest.raises(DeliveryError) as failed:
        post(address(port), MESSAGE, "json", seconds)
    assert SECRET not in str(failed.value)
    assert failed.value.__cause__ is None
    return failed.value


def test_what_is_sent() -> None:
    with hooks() as web:
        post(address(web.port), MESSAGE, "json", 5)
        login = webhook_address(f"http://u:p%40@127.0.0.1:{web.port}/x?a=b", "webhook")
        post(login, MESSAGE, "slack", 5)
    whole, styled = web.taken
    assert whole.body == {
        "id": "bounce-2026-11-30",
        "subject": "Bounce of ü",
        "text": "It is 61 %.",
        "value": 0.61,
    }
    wanted = {
        "idempotency-key": "bounce-2026-11-30",
        "content-type": "application/json",
        "user-agent": f"dwell/{version()}",
    }
    assert wanted.items() <= whole.headers.items()
    assert (whole.path, "authorization" in whole.headers) == (f"/{SECRET}", False)
    assert styled.body == {"text": "*Bounce of ü*\nIt is 61 %."}
    assert (styled.path, styled.headers["authorization"]) == ("/x?a=b", "Basic dTpwQA==")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"),
        ("@here @channel @all @everyone", "@\u200bhere @\u200bchannel @\u200ball @\u200beveryone"),
        ("ann@example.com @allen", "ann@example.com @allen"),
    ],
)
def test_slack_shows_signs_and_calls_nobody(text: str, wanted: str) -> None:
    assert slack(Message("a", "b", text)) == {"text": f"*b*\n{wanted}"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Bounce is 61 %.\nLook at it.", "*Bounce is 61 %*\nLook at it."),
        ("Bounce is 61 %", "*Bounce is 61 %*"),
        ("Bounce is 61 %. It was less.", "*Bounce is 61 %*\nBounce is 61 %. It was less."),
        ("", "*Bounce is 61 %*"),
    ],
)
def test_slack_reads_the_subject_once(text: str, wanted: str) -> None:
    assert slack(Message("a", "Bounce is 61 %", text)) == {"text": wanted}


def test_slack_gets_no_more_than_it_shows() -> None:
    for blanks in range(6):
        text = slack(Message("a", "b", " " * blanks + "&" * 9000))["text"]
        assert len(text) <= 4000
        assert text.endswith(";…")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_it_is_taken(status: int) -> None:
    with hooks() as web:
        web.answer = lambda _: Answer(status)
        post(address(web.port), MESSAGE, "json", 5)


@pytest.mark.parametrize(
    ("answer", "at_fault", "retry_after", "told"),
    [
        (Answer(400, body="invalid_payload"), "message", None, "answered 400 invalid_payload"),
        (Answer(400, body=f"no {SECRET} here"), "message", None, "answered 400"),
        (Answer(413), "message", None, "answered 413"),
        (Answer(404, body="no_service"), "receiver", None, "404 no_service. Mend the address"),
        (Answer(410), "receiver", None, "Mend the address"),
        (Answer(302, {"Location": "/new"}), "receiver", None, "points to another address"),
        (Answer(500), "unknown", None, "answered 500"),
        (Answer(502), "unknown", None, "answered 502"),
        (Answer(503), "receiver", None, "answered 503"),
        (Answer(503, {"Retry-After": "17"}), "receiver", 17.0, "answered 503"),
        (Answer(429, {"Retry-After": "soon"}), "receiver", None, "answered 429"),
        (
            Answer(429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
            "receiver",
            0.0,
            "answered 429",
        ),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else None,
)
def test_what_an_answer_means(
    answer: Answer, at_fault: str, retry_after: float | None, told: str
) -> None:
    with hooks() as web:
        web.answer = lambda _: answer
        failed = failure(web.port)
    assert (failed.at_fault, failed.retry_after) == (at_fault, retry_after)
    assert f"127.0.0.1:{web.port}: answered" in str(failed)
    assert told in str(failed)
    assert len(web.posts) == 1


def test_what_repeats_the_address_is_not_told() -> None:
    with hooks() as web:
        web.answer = lambda _: Answer(400, body="secret_word")
        where = webhook_address(f"{web.address}/secret_word", "webhook")
        with pytest.raises(DeliveryError) as failed:
            post(where, MESSAGE, "json", 5)
    assert str(failed.value) == f"127.0.0.1:{web.port}: answered 400"


def test_nobody_is_there() -> None:
    failed = failure(free_port())
    assert (failed.at_fault, "Connection refused" in str(failed)) == ("receiver", True)


def silent(connection: socket.socket) -> None:
    connection.settimeout(10)
    while connection.recv(1000):
        pass


@pytest.mark.parametrize(
    "say",
    [
        pytest.param(silent, id="nothing"),
        pytest.param(trickle(b"HTTP/1.1 "), id="a status byte by byte"),
        pytest.param(trickle(b"HTTP/1.1 503 no\r\nX: "), id="headers byte by byte"),
        pytest.param(trickle(b"HTTP/1.1 503 no\r\n\r\n"), id="a body byte by byte"),
    ],
)
def test_who_speaks_slowly_is_cut_off(say: Callable[[socket.socket], None]) -> None:
    with talker(say) as port:
        started = time.monotonic()
        failed = failure(port, 0.6)
        assert time.monotonic() - started < 1.2
    assert failed.at_fault == "receiver"


@pytest.mark.parametrize(
    "said", [b"", b"\x00\xff\n", b"HTTP/1.1 2", b"HTTP/1.1 OK\r\n\r\n"], ids=repr
)
def test_what_is_no_answer_takes_nothing(said: bytes) -> None:
    def say(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(said)

    with talker(say) as port:
        assert failure(port).at_fault == "receiver"


def test_a_proxy_is_asked_for_other_machines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    def say(connection: socket.socket) -> None:
        heard.append(connection.recv(10_000))
        connection.sendall(b"HTTP/1.1 407 who are you\r\n\r\n")

    with talker(say) as port, hooks() as web:
        monkeypatch.setenv("https_proxy", f"http://u:p@127.0.0.1:{port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        post(address(web.port), MESSAGE, "json", 5)
        with pytest.raises(DeliveryError, match=r"hooks.invalid: the proxy answered 407"):
            post(webhook_address(f"https://hooks.invalid/{SECRET}", "x"), MESSAGE, "json", 5)
        monkeypatch.setenv("no_proxy", "hooks.invalid")
        with pytest.raises(DeliveryError) as direct:
            post(webhook_address(f"https://hooks.invalid/{SECRET}", "x"), MESSAGE, "json", 5)
    assert "proxy" not in str(direct.value)
    (asked,) = heard
    assert asked.startswith(b"CONNECT hooks.invalid:443 ")
    assert b"Proxy-Authorization: Basic dTpw" in asked
    assert SECRET.encode() not in asked


def test_a_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = certificate(tmp_path)
    asked = []

    def say(connection: socket.socket) -> None:
        with server_context(own).wrap_socket(connection, server_side=True) as tls:
            asked.append(tls.recv(10_000))
            while b"}" not in asked[-1]:
                asked[-1] += tls.recv(10_000)
            tls.sendall(b"HTTP/1.1 204 fine\r\n\r\n")

    with talker(say) as port:
        where = webhook_address(f"https://127.0.0.1:{port}/{SECRET}", "webhook")
        with pytest.raises(DeliveryError, match="its certificate is not trusted") as failed:
            post(where, MESSAGE, "json", 5)
        assert (asked, SECRET in str(failed.value)) == ([], False)
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        post(where, MESSAGE, "json", 5)
    assert SECRET.encode() in asked[0]


def test_a_handshake_that_never_comes_is_cut_off() -> None:
    with talker(silent) as port:
        where = webhook_address(f"https://127.0.0.1:{port}/{SECRET}", "webhook")
        started = time.monotonic()
        with pytest.raises(DeliveryError, match="no answer within"):
            post(where, MESSAGE, "json", 0.5)
        assert time.monotonic() - started < 1.1
