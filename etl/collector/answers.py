"""Answers as ASGI messages, with what pages of other sites need to read them. Decides nothing."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from math import ceil
from typing import Any

from etl.collector.refusal import Refused

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Scope = MutableMapping[str, Any]
Headers = list[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json")
_VARY = (b"vary", b"origin")
PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"content-type, content-encoding, x-write-key"),
    (b"access-control-max-age", b"7200"),
]


def cross_origin(origin: bytes | None) -> Headers:
    """The headers by which a page of another site may read an answer; none without an origin.

    Also what is refused can be read: a tracker that cannot would send it for ever.
    """
    if origin is None:
        return [_VARY]
    return [(b"access-control-allow-origin", origin), _VARY]


async def answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Sends a whole answer."""
    if status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, refused: Refused, headers: Headers) -> None:
    """Sends why not, as {"error": …}."""
    headers.append(JSON)
    if refused.retry_after is not None:
        headers.append((b"retry-after", b"%d" % max(1, ceil(refused.retry_after))))
    if refused.status == 401:
        headers.append((b"www-authenticate", b"X-Write-Key"))
    body = json.dumps({"error": refused.text}, ensure_ascii=False).encode("utf-8", "replace")
    await answer(send, refused.status, headers, body)
