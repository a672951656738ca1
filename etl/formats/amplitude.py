"""Amplitude's events: lines of the Export API, Fivetran's table, Amplitude's own warehouse exports.

After Amplitude's "Export API", "HTTP V2 API" and "Autocapture events and properties", and
Fivetran's schema of Amplitude. An event's `uuid` names it; `$insert_id` is the sender's own and
unique only for one device. Sessions are numbered by their first ms, also for one device only.
"""

from etl.formats.field_map import Derived, FieldMap, Keys
from etl.formats.format import Format, Request
from etl.formats.trackers import (
    first_of,
    in_utc,
    inside,
    named,
    own_words,
    renamed,
    session_of,
    unpacked,
)
from etl.read.sample import Sample

_LEAD = "[Amplitude] "
_TYPES = {
    f"{_LEAD}Start Session": "session_start",
    f"{_LEAD}End Session": "session_end",
    f"{_LEAD}Session Started": "session_start",
    f"{_LEAD}Session Ended": "session_end",
    f"{_LEAD}Element Clicked": "click",
    f"{_LEAD}Element Interacted": "click",
    f"{_LEAD}Error Logged": "error",
    **dict.fromkeys(
        (
            *("$identify", "$groupidentify", f"{_LEAD}Network Request", f"{_LEAD}Web Vitals"),
            *(f"{_LEAD}Attribution Captured", f"{_LEAD}Replay Captured"),
        ),
        "system",
    ),
}
_TYPE = f"coalesce({renamed(_TYPES)}, replace({{0}}, '{_LEAD}', ''))"
# Of platform and os_name: on the web Amplitude names the browser where others name the system.
_IS_BROWSER = (
    "lower({0}) = 'web' and not regexp_matches(lower({1}), "
    "'^(mac|win|ios|ipados|android|linux|ubuntu|cros|chrome ?os)')"
)
# Of the sender's id and the owners of a session.
_EVENT_ID = "case when {0} <> '' then concat_ws(':', coalesce({1}, {2}, {3}), {0}) end"
_TELLING = {
    *("amplitude_id", "amplitude_event_type", "$insert_id", "_insert_id", "insert_id"),
    *("client_event_time", "server_upload_time", "event_properties"),
}
_PAGE_NAMES = (
    *("Page Location", "Page URL", "Page Path", "Screen Name"),
    *("page_location", "page_url", "page_path", "url", "path", "page"),
)


def recognises(sample: Sample, request: Request) -> bool:
    """An event's type and time among fields that together only Amplitude writes."""
    columns = {column.lower() for column in sample.columns}
    has_event = {"event_type", "event_time"} <= columns
    return not request.map and has_event and len(columns & _TELLING) >= 2


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map."""

    def at(*names: str) -> tuple[Keys, ...]:
        return named(columns, *names)

    def place(name: str) -> Keys:
        return (*at(name), (name,))[0]

    event, user = place("event_properties")[0], place("user_properties")[0]
    owners = (place("device_id"), place("user_id"), place("amplitude_id"))
    uuid, times = at("uuid"), at("event_time", "client_event_time")
    insert = (*at("$insert_id", "_insert_id", "insert_id"), ("$insert_id",))[0]
    system = (place("platform"), place("os_name"), place("device_family"), place("device_type"))
    return [
        FieldMap(
            paths={
                **own_words(event),
                "event_id": uuid,
                "user_id": at("user_id"),
                "anonymous_id": at("device_id", "amplitude_id"),
                "time": times,
                "url": (
                    *inside(event, *(_LEAD + name for name in _PAGE_NAMES[:4]), *_PAGE_NAMES),
                ),
                "page_host": inside(event, f"{_LEAD}Page Domain", "Page Domain"),
                # Amplitude keeps what brought the user with the user, anew for each visit.
                "referrer": (*inside(event, "referrer"), *inside(user, "referrer")),
                "campaign": (*inside(event, "utm_campaign"), *inside(user, "utm_campaign")),
                "user_agent": at("user_agent"),
            },
            expressions={
                **({} if uuid else {"event_id": Derived(_EVENT_ID, (insert, *owners))}),
                **in_utc(request.time_zone, *times),
                "type": Derived(_TYPE, (place("event_type"),)),
                "device": Derived("nullif(concat_ws(' ', {3}, {2}, {1}, {0}), '')", system),
                "browser": Derived(f"case when {_IS_BROWSER} then {{1}} end", system[:2]),
                "os": Derived(
                    f"case when {_IS_BROWSER} then {first_of(system[2:], 2)} else {{1}} end", system
                ),
                "tracker_session_id": session_of(place("session_id"), *owners),
            },
            spent=tuple(
                keys[0] for keys in at("uuid", "user_id", "device_id", "event_time")
            ),
            folder=event,
        )
    ]  # fmt: skip


FORMAT = Format(
    name="amplitude",
    sentence="Amplitude events: Export API lines, Fivetran's table, warehouse exports.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    reshape=unpacked(
        *("event_properties", "user_properties", "EVENT_PROPERTIES", "USER_PROPERTIES")
    ),
)
