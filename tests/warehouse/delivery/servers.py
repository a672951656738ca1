"""Receivers of this machine: a web server and a server of mail that note what they took."""

import email
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass(frozen=True)
class Answer:
    """What the web server answers, after so many seconds."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    after: float = 0.0


@dataclass(frozen=True)
class Post:
    """What the web server was sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Hooks:
    """A web server. `answer`: what is said to a post; only those answered with 2xx are `taken`."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.taken: list[Post] = []
        self.answer: Callable[[Post], Answer] = lambda _: Answer()
        self.port = 0

    @property
    def address(self) -> str:
        """Where a webhook is."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def hooks() -> Iterator[Hooks]:
    """A web server that listens until the block ends."""
    told = Hooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            post = Post(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            told.posts.append(post)
            answer = told.answer(post)
            if 200 <= answer.status < 300:
                told.taken.append(post)
            time.sleep(answer.after)
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body.encode())
            except OSError:
                pass

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Mailbox:
    """A server of mail. `answer`: what is said to the content, to an address, and to a login."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.after_data: Callable[[EmailMessage], str] = lambda _: "250 OK"
        self.after_rcpt: Callable[[str], str] = lambda _: "250 OK"
        self.logins: list[tuple[str, str]] = []
        self.port = 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # type: ignore[no-untyped-def]
        """To an address."""
        answer = self.after_rcpt(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server, _session, envelope) -> str:  # type: ignore[no-untyped-def]
        """To the content."""
        mail = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        answer = self.after_data(mail)
        if answer.startswith("250"):
            self.mails.append(mail)
            self.to.append(list(envelope.rcpt_tos))
        return answer


@contextmanager
def mailbox(password: str | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """A server of mail that listens until the block ends. With a password it wants that one."""
    box = Mailbox()

    def check(_server, _session, _envelope, _mechanism, login) -> AuthResult:  # type: ignore[no-untyped-def]
        given = (login.login.decode(), login.password.decode())
        box.logins.append(given)
        return AuthResult(success=given[1] == password, handled=False)

    wants = {"auth_required": True, "authenticator": check} if password else {}
    place = {"hostname": "127.0.0.1", "port": free_port()}
    controller = Controller(box, **place, **wants, auth_require_tls=False, tls_context=tls)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def talker(say: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that does with each connection what it is told to, in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    is_over = threading.Event()
    threads: list[threading.Thread] = []

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            say(connection)

    def serve() -> None:
        while not is_over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            threads.append(threading.Thread(target=one, args=(connection,)))
            threads[-1].start()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        is_over.set()
        thread.join()
        listening.close()
        for each in threads:
            each.join()


def trickle(begin: bytes) -> Callable[[socket.socket], None]:
    """Says one byte after the other, for much longer than anybody waits."""

    def say(connection: socket.socket) -> None:
        connection.sendall(begin)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.1)

    return say
