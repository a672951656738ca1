"""One event to one line of the spool: a flat record of the format `events`. Never an address."""

from collections import Counter
from typing import Any

import msgspec
from msgspec import structs

from etl.collector.ids import spelt
from etl.collector.models import Device, Event
from etl.collector.sender import Sender
from etl.collector.taken import Fields, take
from etl.collector.times import happened, iso, seconds_of

# Fields that the events format calls otherwise; all others are columns by their own names, but
# for those that are read by themselves, or say something of the request.
_OTHERWISE = {"type": "event_type", "page": "url", "visitor_id": "anonymous_id"}
_NO_COLUMNS = ("data", "device", "time")
_COLUMNS = {
    field.name: _OTHERWISE.get(field.name, field.name)
    for field in structs.fields(Event)
    if field.name not in _NO_COLUMNS
}
_IDS = ("user_id", "anonymous_id", "session_id", "event_id", "chat_id")
# As the ETL calls what names itself null or undefined.
_UNNAMED = "unnamed"
_encode = msgspec.json.Encoder().encode


def line_of(
    event: Fields,
    rest: Fields,
    sender: Sender,
    skew: float,
    where: str,
    *,
    by_session: bool,
    equals: Counter[str] | None = None,
) -> bytes:
    """The line of an event, from its fields and what else it says.

    `skew`: see times.py. `by_session`: whether who gives no id is called after the session, not
    by the pseudonym. `equals`: how often each derived id was met in the body: equal events of one
    body are several. Refused with 400 when its time cannot be read, or an id has a NUL in it.
    """
    line: Fields = {}
    properties = dict(rest)
    device: Fields = {}
    for field, value in event.items():
        column = _COLUMNS.get(field)
        if column is not None:
            line[column] = value
        elif field == "data":
            properties.update(value if type(value) is dict else {"data": value})
        elif field == "device":
            device, more = take(Device, value if type(value) is dict else {"type": value}, "device")
            properties = more | properties
        elif field == "reason":
            properties["exit_reason"] = value
    for name in _IDS:
        if name in line:
            said = spelt(line.pop(name), sender.no_ids)
            if said is not None:
                line[name] = said
    if "experiment_id" in line:
        line["experiment_id"] = str(line["experiment_id"])
    if line["event_type"].strip().lower() in sender.no_ids:
        line["event_type"] = _UNNAMED
    if device:
        _describe(line, device, properties)
    if properties:
        line["properties"] = properties
    if "user_id" not in line and "anonymous_id" not in line:
        session = line.get("session_id") if by_session else None
        line["anonymous_id"] = session or sender.pseudonym()
    written = event.get("time")
    if "event_id" not in line:
        told = written is not None
        line["event_id"] = _derived(written, line, sender, equals) if told else sender.new_id()
    seconds = sender.received if written is None else seconds_of(written, where)
    line["event_time"] = iso(happened(seconds, skew, sender.received))
    if sender.user_agent and not _is_proxy(sender.user_agent, line):
        line.setdefault("user_agent", sender.user_agent)
    if "user_agent" not in line:
        for name, value in sender.hints.items():
            line.setdefault(name, value)
    return _encode(line)


def _describe(line: Fields, device: Fields, properties: Fields) -> None:
    """Writes what is said of the device to its columns."""
    for field, value in device.items():
        if field == "screen":
            properties.setdefault("screen", value)
        else:
            line.setdefault("device_type" if field == "type" else field, value)


def _is_proxy(user_agent: str, line: Fields) -> bool:
    """Whether a program sends this for somebody, whose device it tells: browsers are Mozilla."""
    return "device_type" in line and not user_agent.startswith("Mozilla/")


def _derived(written: Any, line: Fields, sender: Sender, equals: Counter[str] | None) -> str:
    """An id that the same event has whenever it is sent: of whom it is and what it says, by its
    client's clock, and how many of its body said the same before.
    """
    found = sender.mark(_encode([written, line]))
    if equals is None:
        return found
    equals[found] += 1
    return found if equals[found] == 1 else f"{found}-{equals[found]}"
