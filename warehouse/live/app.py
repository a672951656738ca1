"""The reading endpoints, to be mounted beside the collector. They write nothing into the home but
who asked, where that is noted.
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from etl.collector.paths import with_any_text
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.live.desk import Desk
from warehouse.live.endpoints import ENDPOINTS, PREFIX, Endpoint
from warehouse.live.readers import Stranger
from warehouse.serving import Visitor

_TICK, _KEEP_ALIVE = 1.0, 15.0
_MOST_STREAMS = 50
_RETRY_AFTER = 5
_LARGEST_BODY = 100_000


def reading_routes(home: Path, settings: Settings) -> list[Route]:
    """Routes that answer from the build and the tail of a home.

    ConfigError when a secret is not there, can be guessed, or stands for two things.
    """
    door = _Door(Desk(home, settings))
    return [
        Route(prefix + with_any_text(each.path), door.endpoint(each), methods=list(each.methods))
        for each in ENDPOINTS
        for prefix in (PREFIX, "")
    ]


class _Door:
    """Lets readers in, and counts their streams."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.streams = 0

    def endpoint(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        """What answers requests to one endpoint, once, or whenever the answer has changed."""

        async def answer(request: Request) -> Response:
            client = request.client.host if request.client else ""
            reader = self.desk.readers.reader_of(client, request.scope["headers"])
            if isinstance(reader, Stranger):
                return _problem(reader.status, reader.text, dict(reader.headers))
            if endpoint.streams and "text/event-stream" in request.headers.get("accept", ""):
                return self._stream(reader, endpoint, request)
            try:
                asked = await _asked(request)
            except ConfigError as error:
                return _problem(400, str(error))
            status, body = await self.desk.ask(reader, endpoint, request.path_params, asked)
            return _json(status, body)

        return answer

    def _stream(self, reader: Visitor, endpoint: Endpoint, request: Request) -> Response:
        if self.streams >= _MOST_STREAMS:
            return _problem(503, f"{_MOST_STREAMS} streams are open. Ask again, without one.")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return _Stream(self, _messages(self.desk, reader, endpoint, request), headers)


class _Stream(StreamingResponse):
    """A stream that counts from the moment it is granted, so that many at once are told apart."""

    def __init__(
        self, door: _Door, messages: AsyncIterator[bytes], headers: Mapping[str, str]
    ) -> None:
        super().__init__(messages, media_type="text/event-stream", headers=headers)
        self.door = door
        door.streams += 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, until either side ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.door.streams -= 1


async def _messages(
    desk: Desk, reader: Visitor, endpoint: Endpoint, request: Request
) -> AsyncIterator[bytes]:
    """A message whenever the answer has changed, until the client goes."""
    asked, last, told_at = dict(request.query_params), b"", time.monotonic()
    again = False
    while not await request.is_disconnected():
        status, body = await desk.ask(reader, endpoint, request.path_params, asked, again=again)
        again = True
        if body != last:
            event = b"" if status == 200 else b"event: problem\n"
            yield event + b"data: " + body + b"\n\n"
            last, told_at = body, time.monotonic()
        elif time.monotonic() - told_at >= _KEEP_ALIVE:
            yield b": nothing new\n\n"
            told_at = time.monotonic()
        await anyio.sleep(_TICK)


async def _asked(request: Request) -> dict[str, str]:
    """What was asked for in the query, and in a JSON body. ConfigError for a body that is none."""
    told: dict[str, str] = dict(request.query_params)
    if request.method == "POST":
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _LARGEST_BODY:
                msg = f"The body is larger than {_LARGEST_BODY:,} bytes. Wanted: a sessionId."
                raise ConfigError(msg)
        told |= _told_in(body)
    return told


def _told_in(body: bytes) -> dict[str, str]:
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        msg = 'The body is no JSON object. Wanted: {"sessionId": "…", "limit": 100}.'
        raise ConfigError(msg)
    given = {name: value for name, value in content.items() if value is not None}
    for name, value in given.items():
        if not isinstance(value, str | int):
            msg = f"{name[:40]} of the body is neither a text nor a whole number. Write it as one."
            raise ConfigError(msg)
    return {name: str(value) for name, value in given.items()}


def _json(status: int, body: bytes) -> Response:
    headers = {"cache-control": "no-store"}
    if status == 503:
        headers["retry-after"] = str(_RETRY_AFTER)
    return Response(body, status, headers, "application/json")


def _problem(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    retry = {"retry-after": str(_RETRY_AFTER)} if status == 503 else {}
    return JSONResponse({"error": text}, status, {**retry, **(headers or {})})
