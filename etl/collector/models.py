"""The bodies that the collector takes, field by field. Holds no rule of what becomes of them.

Each field has one name here. Its other names are in `OTHER_NAMES`, and each may be in camelCase as
well; what has no field at all is kept as it came.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

# More in one body would keep all others waiting.
MOST_EVENTS = 1_000


def _like(name: str) -> Meta:
    """How an object is documented that is read by itself."""
    return Meta(extra_json_schema={"$ref": f"#/components/schemas/{name}"})


_Short = Annotated[str, Meta(max_length=256)]
_Id = _Short | int | None
_Word = _Short | None
_Text = Annotated[str, Meta(max_length=8192)] | None
_Words = list[str] | str | None
_Object = dict[str, Any]
_Time = (
    Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    | Annotated[int, Meta(ge=0)]
    | Annotated[float, Meta(ge=0, lt=1e20)]
    | None
)


class Device(Struct):
    """What somebody uses. Where the user agent tells, it is believed."""

    type: _Word = None
    browser: _Word = None
    os: _Word = None
    screen: _Word = None
    user_agent: _Text = None


class Entry(Struct):
    """How a session began. `source` is kept as entry_source."""

    page: _Text = None
    referrer: _Text = None
    campaign: _Word = None


class Context(Struct):
    """What holds for a session. It may come with each request, or with one of them."""

    device: Annotated[_Object, _like("Device")] | _Word = None
    browser: _Word = None
    os: _Word = None
    user_agent: _Text = None
    referrer: _Text = None
    campaign: _Word = None
    experiment_id: _Id = None
    model_group: _Word = None
    environment: _Word = None
    session_type: _Word = None
    chat_id: _Id = None
    tags: _Words = None
    assets: _Words = None


class Said(Context):
    """What any event may say. Times are ISO 8601, or numbers since 1970: seconds, ms, µs or ns
    by their size. `data`: its own properties."""

    event_id: _Id = None
    time: _Time = None
    session_id: _Id = None
    user_id: _Id = None
    visitor_id: _Id = None
    page: _Text = None
    page_host: _Word = None
    query_type: _Word = None
    data: Any = None


class Event(Said, kw_only=True):
    """One event among several."""

    type: Annotated[str, Meta(max_length=256, pattern=r"[^\s\x00-\x1f]")]


class OneEvent(Event):
    """One event by itself. `sent_at`: the time of the client's clock when it sent this."""

    key: _Word = None
    sent_at: _Time = None


class NamedEvent(OneEvent, kw_only=True):
    """One event that names its session."""

    session_id: _Short | int


class Heartbeat(Said):
    """A sign of life of a session."""

    key: _Word = None
    sent_at: _Time = None


class SessionStart(Heartbeat):
    """A session begins. Without a session_id it gets one."""

    entry: Annotated[_Object, _like("Entry")] | None = None


class SessionEnd(Heartbeat):
    """A session ends. `reason`: logout, timeout, error or navigation."""

    reason: _Word = None


class NamedEnd(SessionEnd, kw_only=True):
    """The same, of the session that it names."""

    session_id: _Short | int


class Events(Struct, kw_only=True):
    """Events of a session. What is said beside them holds for all of them, the context's
    experiment_id and model_group too; what else it says goes to the first."""

    v: Any = None
    key: _Word = None
    sent_at: _Time = None
    session_id: _Id = None
    user_id: _Id = None
    visitor_id: _Id = None
    context: Annotated[_Object, _like("Context")] | None = None
    events: Annotated[list[Annotated[_Object, _like("Event")]], Meta(max_length=MOST_EVENTS)]


OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "event_id": ("id", "event_uuid"),
    "type": ("event_type", "action", "event", "event_name"),
    "time": ("t", "timestamp", "ts", "event_time"),
    "visitor_id": ("anonymous_id",),
    "page": ("url",),
    "data": ("details", "properties"),
    "reason": ("exit_reason",),
    "referrer": ("referer",),
    "screen": ("screen_size",),
}
