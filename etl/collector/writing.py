"""One writing request: let in, read, accepted, kept, answered. Answers nothing that is not kept."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from etl.collector import agents
from etl.collector.accept import key_of
from etl.collector.answers import (
    PREFLIGHT,
    Receive,
    Scope,
    Send,
    answer,
    cross_origin,
    refuse,
)
from etl.collector.body import said, too_large, unpacked
from etl.collector.cutting import Cutting
from etl.collector.gate import Gate
from etl.collector.operations import Accepted, Operation
from etl.collector.pseudonyms import Pseudonyms
from etl.collector.refusal import Refused
from etl.collector.refusals import Refusals
from etl.collector.sender import Sender
from etl.collector.spool import Spool
from etl.config.collect import Collect
from etl.config.sources import Source
from etl.errors import SourceError, SpoolFull
from etl.privacy.lines import LineCutter

# A body of a megabyte comes in so many seconds even over a poor line.
BODY_TIME = 30.0
_LONGEST_ID = 256
_MOST_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """What all writing requests share. `body_time`: seconds in which a body has to come.
    `cutting`: what cuts the lines of a source."""

    spool: Spool
    gate: Gate
    pseudonyms: Pseudonyms
    collect: Collect
    refusals: Refusals
    cutting: Cutting
    body_time: float = BODY_TIME


class Writing:
    """The ASGI application of one operation."""

    def __init__(self, operation: Operation, desk: Desk) -> None:
        self.operation = operation
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        back = cross_origin(headers.get(b"origin"))
        method = scope["method"]
        try:
            if method == "OPTIONS":
                self._check_preflight(scope, headers)
                await answer(send, 204, back + PREFLIGHT)
                return
            body = b"" if method == "HEAD" else await self._kept(scope, headers, receive)
        except ConnectionError:
            return
        except Refused as refused:
            self.desk.refusals.note(refused, headers.get(b"origin"), time.monotonic())
            # A browser that asks beforehand takes any header for a yes.
            await refuse(send, refused, [] if method == "OPTIONS" else back)
        except SpoolFull as full:
            await refuse(send, Refused(503, str(full), full.retry_after), back)
        else:
            await answer(send, self.operation.status, back + self.operation.headers, body)

    def _check_preflight(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        origin = headers.get(b"origin")
        key = _key(headers, _query(scope["query_string"]))
        if origin is not None and not self.desk.gate.lets_in(key, origin):
            raise Refused(403, "Pages of this site may not send (origins).")

    async def _kept(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """The answer's body, once what the request says is on disk."""
        # The limits go by a clock that nobody sets.
        desk, now, tick = self.desk, time.time(), time.monotonic()
        address = scope["client"][0] if scope.get("client") else ""
        raw: Any = _query(scope["query_string"])
        key = _key(headers, raw)
        gate = desk.gate
        if self.operation.model is None or key is not None or not gate.has_keys:
            source = gate.source_of(key, address, tick)
            if self.operation.model is not None:
                raw = said(await self._body(headers, receive))
        else:
            gate.count(None, address, tick)
            raw = said(await self._body(headers, receive))
            source = gate.source_of(key_of(raw), address, tick)
        gate.check_origin(source, headers.get(b"origin"))
        cutter = desk.cutting.cutter_of(source.name)
        sender = _sender(source, headers, address, now, desk)
        lines, body = self._accepted(raw, sender, scope)
        if not (desk.collect.honour_dnt and agents.asks_not_to_be_tracked(headers)):
            await desk.spool.append(source.name, _cut(lines, cutter))
        return body

    def _accepted(self, raw: Any, sender: Sender, scope: Scope) -> Accepted:
        session = scope["path_params"].get("session_id")
        if session is not None and not 0 < len(session.strip()) <= _LONGEST_ID:
            raise Refused(400, f"A session's id has up to {_LONGEST_ID} signs.")
        return self.operation.accept(raw, sender, session)

    async def _body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        limit = self.desk.collect.body_limit
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > limit:
            raise too_large(limit)
        try:
            async with asyncio.timeout(self.desk.body_time):
                body = await _whole(receive, limit)
        except TimeoutError:
            text = f"The body did not come within {self.desk.body_time:g} s. Send less at once."
            raise Refused(408, text) from None
        return unpacked(body, headers.get(b"content-encoding", b"").lower(), limit)


async def _whole(receive: Receive, limit: int) -> bytes:
    parts, size, is_more = [], 0, True
    while is_more:
        message = await receive()
        if message["type"] != "http.request":
            msg = "The client has gone."
            raise ConnectionError(msg)
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
        is_more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _cut(lines: list[bytes], cutter: LineCutter | None) -> list[bytes]:
    """The lines without what is never stored. Refused with 400 where that cannot be done."""
    try:
        return cutter.lines(lines) if cutter else lines
    except SourceError:
        text = "An id looks like personal data, which is cut here: it may not be sent as an id."
        raise Refused(400, text) from None


def _sender(
    source: Source,
    headers: Mapping[bytes, bytes],
    address: str,
    now: float,
    desk: Desk,
) -> Sender:
    agent = agents.user_agent(headers)
    referer = headers.get(b"referer")
    return Sender(
        received=now,
        user_agent=agent,
        hints=agents.hints(headers),
        referer=referer.decode("utf-8", "replace")[:8192] if referer else None,
        pseudonym=partial(desk.pseudonyms.of, address, agent, now),
        new_id=_new_id,
        no_ids=_no_ids(source.empty_words),
        mark=desk.cutting.mark,
    )


def _key(headers: Mapping[bytes, bytes], query: Mapping[str, str]) -> str | None:
    """The write key of the headers, else of the address."""
    written = headers.get(b"x-write-key")
    return written.decode("utf-8", "replace") if written is not None else query.get("key")


def _query(written: bytes) -> dict[str, str]:
    if not written:
        return {}
    try:
        pairs = parse_qsl(
            written.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise Refused(400, f"The address has over {_MOST_PARAMETERS} parameters.") from None
    return dict(pairs)


def _new_id() -> str:
    return uuid4().hex


@cache
def _no_ids(empty_words: tuple[str, ...]) -> frozenset[str]:
    # As the ETL has it: any case of letters, but of two capitals, which may be somebody's.
    is_short = [len(word) == 2 and word.isupper() for word in empty_words]
    return frozenset(
        ["", *(w if short else w.lower() for w, short in zip(empty_words, is_short, strict=True))]
    )
