"""The collector as an ASGI application, to be served by itself or mounted in another.

It needs a spool and settings, and neither the lake nor a build.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from gzip import compress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from etl.collector.cutting import Cutting, OnRules, tell_nobody
from etl.collector.gate import Gate
from etl.collector.openapi import document
from etl.collector.operations import OPERATIONS
from etl.collector.paths import with_any_text
from etl.collector.pseudonyms import Pseudonyms
from etl.collector.refusals import OnRefused, Refusals, say_nothing
from etl.collector.spool import Spool
from etl.collector.writing import BODY_TIME, Desk, Writing
from etl.config.settings import Settings

TRACKER = Path(__file__).parents[2] / "static" / "dwell.js"
_TRACKER_AGE = 3600


def create_app(
    settings: Settings,
    spool: Spool,
    more: Sequence[BaseRoute] = (),
    *,
    described: Mapping[str, Any] | None = None,
    on_refused: OnRefused = say_nothing,
    on_rules: OnRules = tell_nobody,
    body_time: float = BODY_TIME,
    version: str = "0",
) -> Starlette:
    """The collector, with more routes behind its own; its end closes the spool.

    `described`: these for the OpenAPI document, see there. `on_refused`: see refusals.py;
    `on_rules`: see cutting.py.
    ConfigError when two sources have one key, or a variable that one names is not set; and without
    the key of pseudonyms where rules need it.
    """
    collect = settings.collect
    pseudonyms = Pseudonyms(settings.home, collect.salt)
    pseudonyms.forget(time.time())
    refusals, cutting = Refusals(on_refused), Cutting(settings, on_rules)
    desk = Desk(spool, Gate(settings), pseudonyms, collect, refusals, cutting, body_time)
    written = msgspec.json.encode(document(version, described))

    async def openapi(_: Request) -> Response:
        return Response(written, media_type="application/json")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        forgetting = asyncio.create_task(pseudonyms.forget_in_time())
        yield
        forgetting.cancel()
        await spool.close()

    return Starlette(
        routes=[
            *(
                Route(with_any_text(op.path), Writing(op, desk), methods=[op.method, "OPTIONS"])
                for op in OPERATIONS
            ),
            Route("/dwell.js", tracker),
            Route("/health", health),
            Route("/openapi.json", openapi),
            *more,
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: _problem},
    )


async def health(_: Request) -> Response:
    """That the collector answers."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


async def tracker(request: Request) -> Response:
    """The tracker's script, which browsers ask for anew after an hour."""
    headers = {
        "cache-control": f"public, max-age={_TRACKER_AGE}",
        "access-control-allow-origin": "*",
    }
    try:
        script, small, tag = _script(TRACKER.stat().st_mtime_ns)
    except FileNotFoundError:
        raise HTTPException(404, "There is no tracker in this installation.") from None
    headers["etag"] = tag
    headers["vary"] = "accept-encoding"
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        script, headers["content-encoding"] = small, "gzip"
    return Response(script, media_type="text/javascript", headers=headers)


@cache
def _script(_: int) -> tuple[bytes, bytes, str]:
    """The script, as it is and squeezed, and its tag."""
    script = TRACKER.read_bytes()
    return script, compress(script, 9, mtime=0), f'"{sha256(script).hexdigest()[:16]}"'


async def _problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    return JSONResponse({"error": problem.detail}, problem.status_code, headers=problem.headers)
