"""Asks an ASGI application without a network between."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

Address = tuple[str, int]
LOOPBACK: Address = ("127.0.0.1", 50000)


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Its body, read."""
        return json.loads(self.body)


class Asker:
    """Who asks, from an address, one request after the other. To be closed."""

    def __init__(self, app: Any, address: Address = LOOPBACK) -> None:
        self.app, self.address = app, address
        self.runner = asyncio.Runner()
        # A browser of other tests keeps a loop running in the thread of this one.
        self.thread = ThreadPoolExecutor(1)

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *exception: object) -> None:
        self.thread.submit(self.runner.close).result()
        self.thread.shutdown()

    def get(self, address: str, headers: Mapping[str, str | bytes] | None = None) -> Told:
        """The answer to GET."""
        return self._told(self._ask("GET", address, headers or {}, b""))

    def post(self, address: str, content: bytes) -> Told:
        """The answer to POST."""
        return self._told(self._ask("POST", address, {}, content))

    def statuses(self, address: str, headers: Mapping[str, str], times: int) -> list[int]:
        """Of so many requests to GET at once."""

        async def all_at_once() -> list[int]:
            asking = [self._ask("GET", address, headers, b"") for _ in range(times)]
            return [told.status for told in await asyncio.gather(*asking)]

        return self.thread.submit(self.runner.run, all_at_once()).result()

    def _told(self, asking: Coroutine[Any, Any, Told]) -> Told:
        return self.thread.submit(self.runner.run, asking).result()

    async def _ask(
        self, method: str, address: str, headers: Mapping[str, str | bytes], content: bytes
    ) -> Told:
        parts = urlsplit(address)
        given = {"host": "localhost:8600", **headers}
        scope = {
            "type": "http", "method": method, "path": unquote(parts.path), "root_path": "",
            "query_string": parts.query.encode(), "client": self.address,
            "headers": [
                (name.encode(), value if isinstance(value, bytes) else value.encode())
                for name, value in given.items()
            ],
        }  # fmt: skip
        messages: list[dict[str, Any]] = []
        waiting = [{"type": "http.request", "body": content}]
        # It goes once it has been told something.
        gone = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)
            if message.get("body"):
                gone.set()

        await asyncio.wait_for(self.app(scope, receive, send), 30)
        start, *bodies = messages
        told = {name.decode(): value.decode() for name, value in start["headers"]}
        return Told(start["status"], told, b"".join(one.get("body", b"") for one in bodies))
