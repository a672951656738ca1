"""The reading endpoints, to be mounted beside the collector. They write nothing, anywhere.

One question at a time is answered, in a thread, and an answer holds for a second: who writes events
in the same process is never kept waiting by who reads them.
"""

import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import duckdb
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from etl.collector.paths import with_any_text
from etl.config.collect import write_keys
from etl.config.hosts import is_loopback
from etl.config.settings import Settings, load_settings
from etl.errors import BuildError, ConfigError, NoBuild

_HOLDS_FOR = 1.0
_MOST_KEPT = 200
_TICK, _KEEP_ALIVE = 1.0, 15.0
_MOST_STREAMS = 50
_RETRY_AFTER = 5
_LARGEST_BODY = 100_000
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def reading_routes(home: Path, settings: Settings) -> list[Route]:
    """Routes that answer from the build and the tail of a home.

    ConfigError when the variable that holds a key is not set.
    """
    desk = _Desk(home, settings)
    routes = [
        Route(path, _stream_or(desk), methods=["GET"]) for path in ("/api/v1/active", "/active")
    ]
    for path, name in (
        ("/user/{user_id}/current", "current"),
        ("/user/{user_id}/history", "history"),
        ("/patterns/{user_id}", "pattern"),
    ):
        routes += [
            Route(p + with_any_text(path), desk.endpoint(name), methods=["GET"])
            for p in ("/api/v1", "")
        ]
    routes += [
        Route(with_any_text(path), desk.endpoint("document"), methods=["GET"])
        for path in ("/session/{id}", "/api/v1/session/{id}")
    ]
    routes += [
        Route(path, desk.endpoint("log"), methods=["GET", "POST"])
        for path in ("/query", "/api/v1/query")
    ]
    return routes


class _Desk:
    """Lets readers in, and answers one after the other."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self.home, self.settings = home, settings
        self.key = settings.collect.reading_key()
        # Where pages send with a key, a proxy stands before the collector, to which all come from
        # this machine.
        self.is_open = self.key is None and not write_keys(settings.sources)
        self.streams = 0
        self._live: Any = None
        self._limiter: anyio.CapacityLimiter | None = None
        self._kept: dict[Any, tuple[float, int, bytes]] = {}

    def endpoint(self, name: str) -> Callable[[Request], Any]:
        """What answers requests by the function of that name in answers."""

        async def answer(request: Request) -> Response:
            if refused := self.refusal(request):
                return refused
            try:
                params = await _params(request)
            except ConfigError as error:
                return _problem(400, str(error))
            status, body = await self.ask(name, params)
            return _json(status, body)

        return answer

    def refusal(self, request: Request) -> Response | None:
        """Why the request is not answered: 401 without the key, 403 from elsewhere without one."""
        if self.key is None:
            client = request.client.host if request.client else ""
            host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host")
            # A foreign page may have a name of its own lead here: that is no reader of ours.
            if self.is_open and is_loopback(client) and host in _LOOPBACK_NAMES:
                return None
            who = "this machine alone" if self.is_open else "nobody"
            text = (
                f"There is no read key, so that {who} may read. Write read_key below [collect] in "
                "dwell.toml, and send it as X-Read-Key."
            )
            return _problem(403, text)
        given = request.headers.get("x-read-key")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if given is None and scheme.lower() == "bearer":
            given = token.strip()
        if given is not None and hmac.compare_digest(given.encode(), self.key.encode()):
            return None
        text = "Wanted: the read key of dwell.toml as X-Read-Key, or as a Bearer token."
        return _problem(401, text, {"www-authenticate": "Bearer"})

    async def ask(self, name: str, params: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of an answer, which may be a second old."""
        asked = (name, tuple(sorted(params.items())))
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(1)
        work = partial(self._answer, asked, name, params)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    def _answer(self, asked: Any, name: str, params: Mapping[str, str]) -> tuple[int, bytes]:
        now = time.monotonic()
        until, status, body = self._kept.get(asked, (0.0, 0, b""))
        if now < until:
            return status, body
        status, content = self._asked_now(name, params)
        body = json.dumps(content, default=_plain, ensure_ascii=False).encode()
        self._kept.pop(asked, None)
        while len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[asked] = (time.monotonic() + _HOLDS_FOR, status, body)
        return status, body

    def _asked_now(self, name: str, params: Mapping[str, str]) -> tuple[int, Any]:
        # What these bring along takes a second to load: who writes does not wait for it.
        from warehouse.live import answers
        from warehouse.live.live import Live

        self._live = self._live or Live(self.home, self._settings_now, threads=1)
        try:
            seen = self._live.look()
            with seen.answering(self.home) as wh:
                return 200, getattr(answers, name)(seen, wh, params)
        except ConfigError as error:
            return 400, {"error": str(error)}
        except answers.NotFound as error:
            return 404, {"error": str(error)}
        except (NoBuild, BuildError) as error:
            return 503, {"error": str(error)}
        except duckdb.Error:
            return 503, {"error": "The build is being exchanged for a newer one. Ask again."}

    def _settings_now(self) -> Settings:
        """Those of the file as it is now: a build may be of newer ones than this process."""
        return load_settings(self.home, self.settings.config)


def _stream_or(desk: _Desk) -> Callable[[Request], Any]:
    """Answers who is active, once, or again whenever that has changed."""
    once = desk.endpoint("who_is_active")

    async def answer(request: Request) -> Response:
        if "text/event-stream" not in request.headers.get("accept", ""):
            response: Response = await once(request)
            return response
        if refused := desk.refusal(request):
            return refused
        if desk.streams >= _MOST_STREAMS:
            return _problem(503, f"{_MOST_STREAMS} streams are open. Ask again, without one.")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return _Stream(desk, _messages(desk, request), headers)

    return answer


class _Stream(StreamingResponse):
    """A stream that counts from the moment it is granted, so that many at once are told apart."""

    def __init__(
        self, desk: _Desk, messages: AsyncIterator[bytes], headers: Mapping[str, str]
    ) -> None:
        super().__init__(messages, media_type="text/event-stream", headers=headers)
        self.desk = desk
        desk.streams += 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, until either side ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.desk.streams -= 1


async def _messages(desk: _Desk, request: Request) -> AsyncIterator[bytes]:
    """A message whenever the answer has changed, until the client goes."""
    params, last, told_at = dict(request.query_params), b"", time.monotonic()
    while not await request.is_disconnected():
        status, body = await desk.ask("who_is_active", params)
        if body != last:
            event = b"" if status == 200 else b"event: problem\n"
            yield event + b"data: " + body + b"\n\n"
            last, told_at = body, time.monotonic()
        elif time.monotonic() - told_at >= _KEEP_ALIVE:
            yield b": nothing new\n\n"
            told_at = time.monotonic()
        await anyio.sleep(_TICK)


async def _params(request: Request) -> dict[str, str]:
    """What was asked: of the path, the query, and a JSON body. ConfigError for a body that is
    none.
    """
    told: dict[str, str] = dict(request.query_params)
    if request.method == "POST":
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _LARGEST_BODY:
                msg = f"The body is larger than {_LARGEST_BODY:,} bytes. Wanted: a sessionId."
                raise ConfigError(msg)
        told |= _told_in(body)
    return {**told, **request.path_params}


def _told_in(body: bytes) -> dict[str, str]:
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        msg = 'The body is no JSON object. Wanted: {"sessionId": "…", "limit": 100}.'
        raise ConfigError(msg)
    return {
        str(name): str(value) for name, value in content.items() if isinstance(value, str | int)
    }


def _json(status: int, body: bytes) -> Response:
    headers = {"cache-control": "no-store"}
    if status == 503:
        headers["retry-after"] = str(_RETRY_AFTER)
    return Response(body, status, headers, "application/json")


def _problem(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    retry = {"retry-after": str(_RETRY_AFTER)} if status == 503 else {}
    return JSONResponse({"error": text}, status, {**retry, **(headers or {})})


def _plain(value: Any) -> Any:
    """Times as ISO text in UTC, which those of the warehouse are without saying so."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
