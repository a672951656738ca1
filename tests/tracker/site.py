"""A site whose pages carry the tracker, and the collector that they tell, on one port.

The collector is the real one, with a spool of its own. What it is sent is noted on the way, and it
can be made to answer as if it were in trouble.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn

from etl.collector.app import create_app
from etl.collector.spool import Spool
from tests.make import lake_events, load_files, settings_of
from warehouse.cli import main

CONFIG = '[sources.web]\nwrite_key = "k"\n'
Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


@dataclass
class Sent:
    """One request of a tracker, and what it was answered."""

    body: dict[str, Any]
    status: int
    address: str
    at: float = field(default_factory=time.monotonic)

    @property
    def is_kept(self) -> bool:
        """Whether the collector keeps its events."""
        return self.status == 204


@dataclass
class Site:
    """The pages by the first part of their path, and what came of their trackers."""

    address: str
    collector: Any
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    # What is answered in the collector's place, by the user.
    trouble: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    # Stops all, and gives the home that the collector wrote to.
    close: Callable[[], Path] = Path

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        """Pages by GET; all else is the collector's."""
        path = scope.get("path", "")
        page = self.pages.get(path.split("/")[1]) if scope["type"] == "http" else None
        if page:
            await _answer(send, 200, page[0].encode(), {"content-type": "text/html"} | page[1])
        elif path == "/i" and scope["method"] == "POST":
            await self._collect(scope, receive, send)
        elif path == "/favicon.ico":
            await _answer(send, 204)
        else:
            await self.collector(scope, receive, send)

    async def _collect(self, scope: Message, receive: Any, send: Send) -> None:
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        try:
            body = json.loads(b"".join(message["body"] for message in messages))
        except ValueError:
            body = {"user_id": "nobody", "session_id": None, "events": []}
        address = f"{scope['path']}?{scope['query_string'].decode()}"
        if trouble := self.trouble.get(body.get("user_id")):
            self.sent.append(Sent(body, trouble[0], address))
            await asyncio.sleep(float(trouble[1].get("x-slow", 0)))
            await _answer(send, trouble[0], b"{}", trouble[1])
            return

        async def receive_again() -> Message:
            return messages.pop(0) if messages else await receive()

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.sent.append(Sent(body, message["status"], address))
            await send(message)

        await self.collector(scope, receive_again, note)

    def of(self, user: str) -> list[Sent]:
        """The requests that came for a user."""
        return [one for one in self.sent if one.body.get("user_id") == user]

    def events(self, user: str, *types: str) -> list[dict[str, Any]]:
        """The events of a user that were kept, of the types: each once, by time."""
        kept = {
            event["id"]: event
            for one in self.of(user)
            if one.is_kept
            for event in one.body["events"]
            if not types or event["type"] in types
        }
        return sorted(kept.values(), key=lambda event: event["t"])

    def wait(self, user: str, *types: str, least: int = 1) -> list[dict[str, Any]]:
        """The same, once there are so many. A test fails when they do not come."""
        return wait_for(
            lambda: found if len(found := self.events(user, *types)) >= least else [],
            lambda: f"wanted {least} of {types}, met {self.events(user)}",
        )


def wait_for(ask: Callable[[], Any], what: Callable[[], str] = lambda: "nothing came") -> Any:
    """The first answer that is true."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError(what())


def kept(site: Site) -> list[tuple[Sent, str]]:
    """Each event that the collector said it keeps: its request, and its id."""
    return [(one, event["id"]) for one in site.sent if one.is_kept for event in one.body["events"]]


def lake_of(site: Site) -> list[dict[str, Any]]:
    """What the lake has after the collector was stopped and a load has taken what it kept."""
    home = site.close()
    request = {"source": "web", "format": "events", "sessions": "tracker"}
    load_files(home, *(home / "landing" / "web" / "collected").glob("*.ndjson"), **request)
    return lake_events(home)


def loaded(site: Site) -> Path:
    """The home after the same by `dwell load`, with its build."""
    home = site.close()
    config = home.parent / "dwell.toml"
    config.write_text(CONFIG, encoding="utf-8")
    assert main(["load", "--home", str(home), "--config", str(config)]) == 0
    return home


async def _answer(
    send: Send, status: int, body: bytes = b"", headers: dict[str, str] | None = None
) -> None:
    fields = {"content-length": str(len(body)), **(headers or {})}
    told = [(name.encode(), value.encode()) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def open_site(home: Path) -> Iterator[Site]:
    """The site, until the block ends; then the spool is closed, and a load may take it."""
    spool = Spool(home)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        site = Site(f"http://127.0.0.1:{port}", create_app(settings_of(home, CONFIG), spool))
        server = uvicorn.Server(
            uvicorn.Config(site, log_level="warning", timeout_graceful_shutdown=1)
        )
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()

        def close() -> Path:
            server.should_exit = True
            thread.join(timeout=10)
            return home

        site.close = close
        try:
            wait_for(lambda: server.started)
            yield site
        finally:
            close()
