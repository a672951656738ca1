"""Segment's and RudderStack's calls: raw JSON calls, and the tables of a warehouse.

After Segment's "Spec: Common fields" and "Warehouse schemas" and RudderStack's "Common fields",
"Warehouse schema" and "Session tracking". A page or screen call is a page view, a track call is
its event; identify, group and alias say who somebody is and are no act of theirs: `system`.
"""

from typing import Any

from etl.formats.field_map import Derived, FieldMap, Keys
from etl.formats.format import Format, Request
from etl.formats.trackers import in_utc, inside, named, own_words, renamed, session_of
from etl.read.find import stem_of
from etl.read.sample import Sample

CALLS = {
    "page": "page_view",
    "screen": "page_view",
    "identify": "system",
    "group": "system",
    "alias": "system",
}
_CALL_TYPES = ("track", *CALLS)
_TELLING = {
    *("messageId", "anonymousId", "userId", "originalTimestamp", "receivedAt", "sentAt"),
    *("context", "integrations"),
}
_TELLING_CONTEXT = tuple(
    f"context_{word}"
    for word in (
        *("app_", "campaign_", "device_", "ip", "library_", "locale", "network_", "os_", "page_"),
        *("passed_ip", "request_ip", "screen_", "session", "timezone", "traits_", "user_agent"),
    )
)
# The tables of calls that name no event, by the end of their name.
_TABLES = {
    "pages": "page_view",
    "screens": "page_view",
    "identifies": "system",
    "groups": "system",
    "aliases": "system",
}
# Roles whose column of a table is taken in full.
_TAKEN = ("event_id", "user_id", "anonymous_id", "referrer", "campaign")


def recognises(sample: Sample, request: Request) -> bool:
    """Calls by their type and their usual fields; tables by their columns `context_…`."""
    if request.map:
        return False
    if sample.records:
        if "type" in sample.columns and any(map(_is_call, sample.records)):
            return True
    elif "type" in sample.columns and len(_TELLING.intersection(sample.columns)) >= 3:
        return sample.kind == "parquet"
    columns = {column.lower() for column in sample.columns}
    return (
        bool(columns & {"anonymous_id", "user_id"})
        and bool(columns & {"timestamp", "original_timestamp", "received_at", "sent_at"})
        and any(column.startswith(_TELLING_CONTEXT) for column in columns)
    )


def _is_call(record: dict[str, Any]) -> bool:
    return record.get("type") in _CALL_TYPES and len(record.keys() & _TELLING) >= 2


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map: of calls, or of the rows of a warehouse table."""
    is_calls = not {"messageId", "anonymousId", "userId", "originalTimestamp"}.isdisjoint(columns)
    return [_calls(request) if is_calls else _rows(sample, request, columns)]


def _calls(request: Request) -> FieldMap:
    page = ("context", "page")
    times = (("timestamp",), ("originalTimestamp",), ("receivedAt",), ("sentAt",))
    owners = (("anonymousId",), ("userId",))
    return FieldMap(
        paths={
            **own_words("properties"),
            "event_id": (("messageId",),),
            "user_id": (("userId",),),
            "anonymous_id": (("anonymousId",), ("context", "device", "id")),
            "time": times,
            "type": (("event",), ("type",)),
            "url": (
                (*page, "url"), (*page, "path"), *inside("properties", "url", "path"), ("name",),
            ),
            "referrer": ((*page, "referrer"), ("properties", "referrer")),
            "campaign": (("context", "campaign", "name"), ("properties", "utm_campaign")),
            "user_agent": (("context", "userAgent"),),
            "device": (("context", "device", "type"),),
            "os": (("context", "os", "name"),),
            "experiment_id": inside("properties", "experiment_id", "experiment_name"),
        },
        expressions={
            **in_utc(request.time_zone, *times),
            "type": Derived(renamed(CALLS), (("type",),)),
            # A page call's own url; that of a track call may be any link.
            "url": Derived(
                "case {0} when 'page' then {1} end", (("type",), ("properties", "url"))
            ),
            # A number of the device's: RudderStack's is the second at which it began.
            "tracker_session_id": session_of(("context", "sessionId"), *owners),
        },
        constants={"type": "track"},
        spent=("messageId", "userId", "anonymousId", "timestamp"),
        folder="properties",
    )  # fmt: skip


def _rows(sample: Sample, request: Request, columns: tuple[str, ...]) -> FieldMap:
    def at(*names: str) -> tuple[Keys, ...]:
        return named(columns, *names)

    events = at("event_text", "event")
    table = stem_of(sample.path).lower()
    call = next((name for end, name in _TABLES.items() if table.endswith(end)), None)
    is_pages = not events and call in (None, "page_view")
    session = at("context_session_id", "context_sessionid")
    owners = at("anonymous_id", "user_id")
    times = at("timestamp", "original_timestamp", "received_at", "sent_at")
    expressions = in_utc(request.time_zone, *times)
    if session:
        expressions["tracker_session_id"] = session_of(session[0], *owners)
    page = at("context_page_url", "context_page_path")
    paths = {
        "event_id": at("id", "message_id"),
        "user_id": at("user_id"),
        "anonymous_id": at("anonymous_id"),
        "time": times,
        "type": events,
        # Only a page's own columns are the page; those of a track call are its properties.
        "url": (*at("url"), *page, *at("path", "name")) if is_pages else page,
        "referrer": at("context_page_referrer", *(["referrer"] if is_pages else [])),
        "campaign": at("context_campaign_name"),
        "user_agent": at("context_user_agent", "context_useragent"),
        "device": at("context_device_type"),
        "os": at("context_os_name"),
        "chat_id": at("chat_id", "conversation_id"),
        "experiment_id": at("experiment_id", "experiment_name"),
        "model_group": at("model_group"),
        "query_type": at("query_type"),
        "session_type": at("session_type"),
        "tags": at("tags"),
        "assets": at("assets"),
    }
    taken = [at("timestamp"), *(paths[role] for role in _TAKEN)]
    return FieldMap(
        paths=paths,
        expressions=expressions,
        constants={"type": call or ("page_view" if at("url", "path") else table)},
        spent=tuple(places[0][0] for places in taken if places),
    )


FORMAT = Format(
    name="segment",
    sentence="Segment and RudderStack: calls as JSON, or the tables of their warehouse.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
)
