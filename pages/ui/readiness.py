"""What a scheduler or a proxy asks of the server: whether it lives, and whether it can answer."""

from __future__ import annotations

import logging
import os
import time

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import warehouse
from warehouse import NoBuild

log = logging.getLogger(__name__)
# Whoever asks may ask often: a build is opened so many seconds apart.
_HOLDS_FOR = 1.0


class _Readiness:
    """Whether the current build can be opened, as it was a moment ago."""

    def __init__(self) -> None:
        self._until = 0.0
        self._problem: str | None = None

    def problem(self) -> str | None:
        """Why no page can be answered; None when it can."""
        if time.monotonic() >= self._until:
            self._problem = _problem()
            self._until = time.monotonic() + _HOLDS_FOR
        return self._problem


def _problem() -> str | None:
    # Told to anybody, so that it names no path and no source: the log has the rest.
    try:
        warehouse.open(os.environ.get("DWELL_HOME") or None).close()
    except NoBuild:
        return "there is no build yet"
    except Exception:
        log.exception("the current build cannot be opened")
        return "the current build cannot be opened"
    return None


async def _lives(_: Request) -> Response:
    return PlainTextResponse("alive\n")


def routes() -> list[Route]:
    """`/livez` is 200 while the process lives, `/readyz` while a build can be opened, else 503."""
    readiness = _Readiness()

    async def is_ready(_: Request) -> Response:
        problem = await to_thread.run_sync(readiness.problem)
        if problem:
            return PlainTextResponse(f"not ready: {problem}\n", 503)
        return PlainTextResponse("ready\n")

    return [Route("/livez", _lives), Route("/readyz", is_ready)]
