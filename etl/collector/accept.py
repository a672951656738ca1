"""Bodies to the lines of the spool, or the reason why not. Reads no clock, file or setting.

A body is taken as a whole or not at all: who was refused knows that nothing of it was kept.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from etl.collector.ids import spelt
from etl.collector.lines import line_of
from etl.collector.models import (
    Context,
    Entry,
    Event,
    Events,
    Heartbeat,
    NamedEnd,
    OneEvent,
    Said,
    SessionEnd,
    SessionStart,
)
from etl.collector.sender import Sender
from etl.collector.taken import Fields, names_of, take
from etl.collector.times import seconds_of, skew_of

# What is said once and holds for all events of a body; of the context, the last two.
_OF_ALL = ("session_id", "user_id", "visitor_id")
_OF_ALL_IN_CONTEXT = ("experiment_id", "model_group")
_MICROSECONDS = 10**6
# The session that a body is of, if it is of any, and its line.
Taken = tuple[str | None, bytes]


def key_of(raw: Any) -> str | None:
    """The write key that a body names; None when it names none."""
    key = raw.get("key") if type(raw) is dict else None
    return key if type(key) is str else None


def tracker_lines(raw: Any, sender: Sender) -> list[bytes]:
    """The lines of what the tracker sends; none when it holds no event."""
    return _several(raw, sender, None, by_session=False)


def event_lines(raw: Any, sender: Sender, session: str) -> list[bytes]:
    """The lines of several events of a session; none when there is no event."""
    return _several(raw, sender, session, by_session=True)


def event_line(
    raw: Any, sender: Sender, session: str | None = None, model: type[OneEvent] = OneEvent
) -> Taken:
    """One event; its session is the one given, else the one that it names, or none.

    It may lie in a field `event` of the body, beside its session.
    """
    if type(raw) is dict and type(raw.get("event")) is dict:
        raw = {name: value for name, value in raw.items() if name != "event"} | raw["event"]
    return _single(model, raw, sender, session)


def picture_line(asked: dict[str, str], sender: Sender) -> bytes:
    """The line of a picture's address, by default a page view of the page that holds it."""
    given = {"page": sender.referer} if sender.referer else {}
    names = names_of(OneEvent)
    has_type = any(names.get(name, ("",))[0] == "type" for name in asked)
    said = asked if has_type else {"type": "page_view"} | asked
    fields, rest = take(OneEvent, said, "The address")
    return _line(given | fields, rest, sender, "The address", by_session=False)


def start_line(raw: Any, sender: Sender) -> Taken:
    """The start of a session: the same event whenever this session starts."""
    fields, rest = take(SessionStart, raw)
    given, event = (
        spelt(fields.get(name, ""), sender.no_ids) for name in ("session_id", "event_id")
    )
    session = given or event or sender.new_id()
    if not given or not event:
        fields["event_id"] = f"start:{session}"
    if "entry" in fields:
        entry, more = take(Entry, fields["entry"], "entry")
        fields = entry | fields
        rest |= {f"entry_{name}": value for name, value in more.items()}
    fields |= {"type": "session_start", "session_id": session}
    return session, _line(fields, rest, sender, "The start", by_session=True)


def heartbeat_line(raw: Any, sender: Sender, session: str) -> Taken:
    """A sign of life."""
    return _single(Heartbeat, raw, sender, session, "heartbeat")


def end_line(raw: Any, sender: Sender, session: str | None = None) -> Taken:
    """The end of a session: of the one given, else of the one that it names."""
    model = SessionEnd if session is not None else NamedEnd
    return _single(model, raw, sender, session, "session_end")


def _single(
    model: type[Said], raw: Any, sender: Sender, session: str | None, kind: str | None = None
) -> Taken:
    fields, rest = take(model, raw)
    if session is not None:
        fields["session_id"] = session
    if kind is not None:
        fields["type"] = kind
    named = fields.get("session_id")
    line = _line(fields, rest, sender, "The body", by_session=True)
    return (None if named is None else str(named)), line


def _line(fields: Fields, rest: Fields, sender: Sender, where: str, *, by_session: bool) -> bytes:
    return line_of(fields, rest, sender, _skew(fields, sender), where, by_session=by_session)


def _several(raw: Any, sender: Sender, session: str | None, *, by_session: bool) -> list[bytes]:
    body, rest = take(Events, raw)
    context, more = take(Context, body["context"], "context") if "context" in body else ({}, {})
    of_all = {name: body[name] for name in _OF_ALL if name in body}
    of_all |= {name: context.pop(name) for name in _OF_ALL_IN_CONTEXT if name in context}
    skew = _skew(body, sender)
    # Whole ones: in seconds a step of one is not exact.
    received = round(sender.received * _MICROSECONDS)
    lines, equals = [], Counter[str]()
    for number, one in enumerate(body["events"], start=1):
        where = f"Event {number}"
        event, own = take(Event, one, where)
        fields = of_all | context | event
        if session is not None:
            fields["session_id"] = session
        own = rest | more | own
        # Of events that tell no time the order is what is known.
        by_order = replace(sender, received=(received + number - 1) / _MICROSECONDS)
        line = line_of(fields, own, by_order, skew, where, by_session=by_session, equals=equals)
        lines.append(line)
        # What else is said beside them goes to the first event alone.
        context, rest, more = {}, {}, {}
    return lines


def _skew(fields: Fields, sender: Sender) -> float:
    sent_at = fields.get("sent_at")
    if sent_at is None:
        return 0.0
    return skew_of(seconds_of(sent_at, "sent_at"), sender.received)
