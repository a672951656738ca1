"""Session documents of MongoDB: one document per session, its events nested in it."""

from etl.formats.field_map import FieldMap, Keys
from etl.formats.format import Format, Request
from etl.read.sample import Sample


def recognises(sample: Sample, request: Request) -> bool:
    """JSON documents of which one holds a list of objects named `events`."""
    return "events" in sample.columns and any(
        isinstance(record.get("events"), list)
        and all(isinstance(event, dict) for event in record["events"])
        for record in sample.records
    )


# A document without events still was a visit: it becomes its start alone. What the document
# says of the session goes with every event, and stays in the properties of the first.
RESHAPE = """
    select
        line,
        part,
        json_object(
            'session', json_merge_patch(record, '{"events": null}'),
            'event', unnest(events),
            'is_first', generate_subscripts(events, 1) = 1
        ) as record
    from (
        select
            *,
            case
                when json_array_length(record, '$.events') > 0
                    then json_extract(record, '$.events[*]')
                else [json_object('type', 'session_start')]
            end as events
        from records
    )
"""


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map; the names of the document's and the events' fields in their usual spellings."""
    return [
        FieldMap(
            paths={
                "event_id": _paths(("event", "event_id"), ("event", "id"), ("event", "_id")),
                "user_id": _paths(
                    ("session", "user_id"), ("session", "userId"), ("session", "user", "id"),
                    ("event", "data", "user_id"), ("session", "user"),
                ),
                "anonymous_id": _paths(
                    ("session", "anonymous_id"), ("session", "anonymousId"),
                    ("session", "visitor_id"),
                ),
                "time": _paths(
                    ("event", "t"), ("event", "timestamp"), ("event", "time"), ("event", "ts"),
                    ("session", "started_at"), ("session", "startedAt"),
                    ("session", "start_time"), ("session", "startTime"),
                    ("session", "created_at"), ("session", "createdAt"),
                ),
                "type": _paths(("event", "type"), ("event", "event"), ("event", "name")),
                "url": _data_paths("url", "page", "path"),
                "referrer": (
                    *_data_paths("referrer"),
                    *_paths(("session", "environment", "referrer"), ("session", "referrer")),
                ),
                "campaign": (
                    *_data_paths("campaign", "utm_campaign"),
                    *_paths(("session", "campaign"), ("session", "utm_campaign")),
                ),
                "user_agent": _environment_paths("user_agent", "userAgent", "ua"),
                "device": _environment_paths("device_type", "deviceType", "device"),
                "browser": _environment_paths("browser"),
                "os": _environment_paths("os", "platform"),
                "tracker_session_id": _paths(
                    ("session", "session_id"), ("session", "sessionId"), ("session", "_id")
                ),
                "chat_id": _data_paths("chat_id", "chatId", "conversation_id"),
                "session_type": _paths(
                    ("session", "session_type"), ("session", "sessionType"), ("session", "type")
                ),
                "experiment_id": _paths(
                    ("session", "experiment_id"), ("session", "experimentId")
                ),
                "model_group": _paths(("session", "model_group"), ("session", "modelGroup")),
                "query_type": _data_paths("query_type", "queryType"),
                "tags": (*_data_paths("tags"), *_paths(("session", "tags"))),
                "assets": (*_data_paths("assets"), *_paths(("session", "assets"))),
            },
            constants={"type": "unnamed"},
            properties=_PROPERTIES,
        )
    ]  # fmt: skip


# An event's own data, and with the first event what the document says of the session.
_PROPERTIES = """
    json_joined(
        json_joined(
            json_merge_patch(record -> '$.event', '{"t": null, "type": null, "data": null}'),
            record -> '$.event.data'
        ),
        case
            when (record -> '$.is_first')::boolean
                then json_object('session', record -> '$.session')
        end
    )
"""


def _paths(*keys: Keys) -> tuple[Keys, ...]:
    return keys


def _data_paths(*names: str) -> tuple[Keys, ...]:
    inside = [("event", "data", name) for name in names]
    return (*inside, *(("event", name) for name in names))


def _environment_paths(*names: str) -> tuple[Keys, ...]:
    inside = [("session", "environment", name) for name in names]
    return (*inside, *(("session", name) for name in names))


FORMAT = Format(
    name="mongo_sessions",
    sentence="MongoDB session documents with nested events (mongoexport lines or array).",
    sessions="tracker",
    recognises=recognises,
    field_maps=field_maps,
    has_several=True,
    reshape=RESHAPE,
)
