"""The one table of what can be asked of the collector: routes and OpenAPI document are made of it.

What an operation accepts is decided in accept.py; here stands where it is and what it answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from etl.collector import accept, models
from etl.collector.answers import JSON, Headers
from etl.collector.sender import Sender

# A transparent picture of one pixel.
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"
)
# The lines of a body, and what is answered once they are kept.
Accepted = tuple[list[bytes], bytes]
Accept = Callable[[Any, Sender, str | None], Accepted]


class Kept(msgspec.Struct):
    """How many events were kept."""

    accepted: int
    session_id: str | None = None


class Started(msgspec.Struct):
    """The session that was started; its id under both names."""

    id: str
    session_id: str


@dataclass(frozen=True)
class Operation:
    """One path that takes events. `model`: of its body; None where the address says all.

    `answers`: what it says as JSON; None where it says nothing, or a picture.
    """

    path: str
    summary: str
    accept: Accept
    model: type[msgspec.Struct] | None = models.OneEvent
    answers: type[msgspec.Struct] | None = Kept
    status: int = 200
    headers: Headers = field(default_factory=lambda: [JSON])

    @property
    def method(self) -> str:
        """GET where there is no body."""
        return "POST" if self.model else "GET"


def _tracker(raw: Any, sender: Sender, _: str | None) -> Accepted:
    return accept.tracker_lines(raw, sender), b""


def _picture(raw: Any, sender: Sender, _: str | None) -> Accepted:
    return [accept.picture_line(raw, sender)], PIXEL


def _start(raw: Any, sender: Sender, _: str | None) -> Accepted:
    session, line = accept.start_line(raw, sender)
    return [line], _encode(Started(session or "", session or ""))


def _event(raw: Any, sender: Sender, session: str | None) -> Accepted:
    return _one(accept.event_line(raw, sender, session))


def _named_event(raw: Any, sender: Sender, _: str | None) -> Accepted:
    return _one(accept.event_line(raw, sender, model=models.NamedEvent))


def _events(raw: Any, sender: Sender, session: str | None) -> Accepted:
    lines = accept.event_lines(raw, sender, session or "")
    return lines, _encode(Kept(len(lines), session))


def _heartbeat(raw: Any, sender: Sender, session: str | None) -> Accepted:
    return _one(accept.heartbeat_line(raw, sender, session or ""))


def _end(raw: Any, sender: Sender, session: str | None) -> Accepted:
    return _one(accept.end_line(raw, sender, session))


def _one(taken: accept.Taken) -> Accepted:
    session, line = taken
    return [line], _encode(Kept(1, session))


_encode = msgspec.json.Encoder().encode
_V1 = "/api/v1/sessions"
_STARTED: dict[str, Any] = {"model": models.SessionStart, "answers": Started, "status": 201}

OPERATIONS = (
    Operation("/i", "Events of the tracker.", _tracker, models.Events, None, 204, []),
    Operation(f"{_V1}/start", "Starts a session.", _start, **_STARTED),
    Operation(f"{_V1}/{{session_id}}/heartbeat", "It goes on.", _heartbeat, models.Heartbeat),
    Operation(f"{_V1}/{{session_id}}/event", "An event of the session.", _event),
    Operation(f"{_V1}/{{session_id}}/events", "Several of them.", _events, models.Events),
    Operation(f"{_V1}/{{session_id}}/end", "Ends the session.", _end, models.SessionEnd),
    *(
        operation
        for root in ("/session", "/api/session")
        for operation in (
            Operation(f"{root}/start", "Starts a session.", _start, **_STARTED),
            Operation(f"{root}/event", "An event.", _named_event, models.NamedEvent),
            Operation(f"{root}/end", "Ends a session.", _end, models.NamedEnd),
        )
    ),
    Operation("/log_event", "An event, of a session or of none.", _event),
    Operation(
        "/pixel.gif",
        "A page view, or another event, of browsers without scripts.",
        *(_picture, None, None, 200),
        headers=[(b"content-type", b"image/gif"), (b"cache-control", b"no-store")],
    ),
)
