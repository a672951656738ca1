"""A collector on a free port of this machine, and a client that says exactly what it sends."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from etl.collector.app import create_app
from etl.collector.patience import PatientProtocol
from etl.collector.spool import Spool
from tests.make import settings_of

KEY = "the-key"
CONFIG = f"""
[collect]
rate_limit = 0
key_rate_limit = 0
[sources.web]
write_key = "{KEY}"
origins = ["https://www.example.com"]
[sources.app]
write_key = "app-key"
"""


class Hasty(PatientProtocol):
    """Tests wait for no slow client."""

    head_time, request_time = 1.0, 4.0


@dataclass(frozen=True)
class Answer:
    """What came back; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """A running collector."""

    port: int
    home: Path
    key: str | None = KEY
    headers: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own; a body that is no bytes is sent as JSON."""
        sent = {"X-Write-Key": self.key} if self.key else {}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, sent | (headers or {}))
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read())
        finally:
            connection.close()

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """A POST with headers, whose names have dashes for underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, body, named)

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def lines(self, source: str = "web") -> list[dict[str, Any]]:
        """What is on disk for a source, in the order in which it was kept."""
        files = sorted((self.home / "landing" / source / "collected").glob("collected-*"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@contextmanager
def serve(
    home: Path,
    config: str = CONFIG,
    spool: Any = None,
    protocol: type[PatientProtocol] = Hasty,
    **app: Any,
) -> Iterator[Served]:
    """A collector of a home with such a dwell.toml."""
    home.mkdir(parents=True, exist_ok=True)
    made = create_app(settings_of(home, config), spool or Spool(home), **app)
    with serve_app(made, protocol) as port:
        yield Served(port, home)


@contextmanager
def serve_app(app: Any, protocol: type[PatientProtocol] = Hasty) -> Iterator[int]:
    """The port of an ASGI application that is served."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=protocol,
            loop="uvloop",
            lifespan="on",
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
