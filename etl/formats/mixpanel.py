"""Mixpanel's events: lines of the raw export, Fivetran's table, pipelines to warehouses.

After Mixpanel's "Raw Event Export", "Export methods", "Default properties", "Identifying users"
and its help page on exporting raw data. Projects made before 2023 keep their times as seconds
of the project's clock: with the source's time_zone they become true ones, with UTC they stay.
"""

from typing import Any

from etl.formats.field_map import Derived, FieldMap, Keys
from etl.formats.format import Format, Request
from etl.formats.trackers import inside, named, own_words, renamed, text_but, unpacked
from etl.read.sample import Sample

_TYPES = {
    "mp_page_view": "page_view",
    "$mp_web_page_view": "page_view",
    "$mp_page_leave": "page_leave",
    "$mp_click": "click",
    "$mp_rage_click": "rage_click",
    "$mp_dead_click": "dead_click",
    "$mp_scroll": "scroll",
    "$mp_submit": "submit",
    "$mp_input_change": "input_change",
    "$ae_crashed": "error",
    **dict.fromkeys(
        (
            *("$identify", "$create_alias", "$merge", "$mp_session_record", "$experiment_started"),
            *("$ae_first_open", "$ae_updated", "$ae_session"),
        ),
        "system",
    ),
}
# The keys of a line that may name its event.
_NAMES = frozenset(["event", "name"])
# Of distinct_id, $user_id and $device_id. A device's own id is a visitor's: it has a prefix, or
# in older projects is the distinct id, so that both columns hold it.
_KNOWN = "coalesce({1}, case when not starts_with({0}, '$device:') then {0} end)"
_VISITOR = "coalesce({2}, case when starts_with({0}, '$device:') then substr({0}, 9) end)"
# Mixpanel itself calls equal what has the same name, time and $insert_id. To the second:
# exports may hold ms. Not by user: a merge of users renames them from one export to the next.
_EVENT_ID = "case when {0} <> '' then concat_ws(':', {0}, {1}, left({2}, 10)) end"
_LOCAL_TIME = (
    "coalesce("
    "microseconds_to_time(epoch_microseconds(try_cast({0} as decimal(28, 6))))::varchar, {0})"
)


def recognises(sample: Sample, request: Request) -> bool:
    """Lines with their time among the properties; rows with a distinct id and Mixpanel's names."""
    if request.map:
        return False
    has_lines = "properties" in sample.columns and not _NAMES.isdisjoint(sample.columns)
    if has_lines and any(map(_is_event, sample.records)):
        return True
    columns = {column.lower() for column in sample.columns}
    if columns == {"event", "properties"}:
        return all(isinstance(record.get("properties"), str) for record in sample.records)
    return (
        {"distinct_id", "time"} <= columns
        and bool(columns & {"event", "name", "event_name"})
        and ("insert_id" in columns or any(c.startswith(("$", "mp_")) for c in columns))
    )


def _is_event(record: dict[str, Any]) -> bool:
    own = record.get("properties")
    if not isinstance(own, dict) or _NAMES.isdisjoint(record):
        return False
    has_time = "time" in own or {"time", "distinct_id"} <= record.keys()
    return has_time and any(k == "distinct_id" or k.startswith(("$", "mp_")) for k in own)


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map. A property has a column of its own, or is in the folder under its full name."""

    def own(*names: str) -> tuple[Keys, ...]:
        """Mixpanel's own properties, which begin with `$`."""
        return tuple(
            place
            for name in names
            for place in (
                *named(columns, f"${name}", f"mp_reserved_{name}", name),
                ("properties", f"${name}"),
            )
        )

    def plain(*names: str) -> tuple[Keys, ...]:
        """Properties by the same name everywhere."""
        return (*named(columns, *names), *inside("properties", *names))

    event = (*named(columns, "event", "name", "event_name"), ("event",))[0]
    time = plain("time")[0]
    identity = (plain("distinct_id")[0], own("user_id")[0], own("device_id")[0])
    expressions = {
        "event_id": Derived(_EVENT_ID, (own("insert_id")[0], event, time)),
        "user_id": Derived(_KNOWN, identity),
        "anonymous_id": Derived(_VISITOR, identity),
        "type": Derived(renamed(_TYPES), (event,)),
        "referrer": text_but("$direct", *own("referrer")),
    }
    if request.time_zone != "UTC":
        expressions["time"] = Derived(_LOCAL_TIME, (time,))
    words = own_words("properties")
    return [
        FieldMap(
            paths={
                **words,
                "time": (time,),
                "type": (event,),
                "url": (*own("current_url"), *plain("current_url_path")),
                "page_host": plain("current_domain"),
                "campaign": plain("utm_campaign"),
                "user_agent": own("user_agent"),
                # Of a desktop Mixpanel names no device: its system tells.
                "device": own("device_type", "device", "os"),
                "browser": own("browser"),
                "os": own("os"),
                "tracker_session_id": (*own("session_id"), ("properties", "session_id")),
                "experiment_id": (*words["experiment_id"], ("properties", "Experiment name")),
            },
            expressions=expressions,
            spent=tuple(keys[0] for keys in named(columns, "time")),
            folder="properties",
        )
    ]


FORMAT = Format(
    name="mixpanel",
    sentence="Mixpanel events: raw export lines, Fivetran's table, pipelines to warehouses.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    reshape=unpacked("properties"),
)
