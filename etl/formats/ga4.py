"""Google Analytics 4 (and Firebase) in its BigQuery export: a row per event, parameters as lists.

After Google's "BigQuery Export schema" and "Automatically collected events". Rows come as JSON
(integers as text) or as Parquet; dbt packages stage them with `client_id` and some parameters as
columns. The export has no event id, and its `ga_session_id` is unique only within a user.
"""

import json

from etl.formats.field_map import Derived, FieldMap
from etl.formats.format import Format, Request
from etl.formats.trackers import inside, named, own_words
from etl.read.sample import Sample


def recognises(sample: Sample, request: Request) -> bool:
    """An event name and timestamp with GA4's parameters, or with its ids in flat columns."""
    columns = set(sample.columns)
    if request.map or not columns >= {"event_name", "event_timestamp"}:
        return False
    is_flat = columns & {"user_pseudo_id", "client_id"} and columns & {
        "ga_session_id",
        "event_bundle_sequence_id",
        "user_first_touch_timestamp",
    }
    return "event_params" in columns or (bool(is_flat) and "event_id" not in columns)


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map. An event's parameters are its own properties; in staged rows they stay apart."""
    # Staged rows repeat parameters as columns: side by side they would be in each other's way.
    is_staged = "ga_session_id" in columns
    return [
        FieldMap(
            paths={
                "user_id": (("user_id",),),
                "anonymous_id": (("user_pseudo_id",), ("client_id",)),
                "time": (("event_timestamp",),),
                "type": (("event_name",),),
                "url": (
                    ("event_params", "page_location"),
                    ("page_location",),
                    *inside("event_params", "firebase_screen", "firebase_screen_class"),
                ),
                "page_host": (("device", "web_info", "hostname"),),
                "referrer": (("event_params", "page_referrer"), ("page_referrer",)),
                "device": (("device", "category"),),
                "browser": (("device", "web_info", "browser"), ("device", "browser")),
                "os": (("device", "operating_system"),),
                **own_words("event_params"),
            },
            expressions=_EXPRESSIONS,
            spent=(
                *("event_timestamp", "user_id"),
                *(keys[0] for keys in named(columns, "user_pseudo_id", "client_id")[:1]),
            ),
            folder=None if is_staged else "event_params",
        )
    ]


# `traffic_source` is how the user was first acquired, on all events: only the first visit came
# by it. In brackets GA4 writes what is no campaign: (direct), (referral), (not set), <Other>.
_CAMPAIGN = Derived(
    """
    list_filter(
        [{0}, {1}, case when {2} in ('first_visit', 'first_open') then {3} end],
        lambda name: not regexp_full_match(name, '[(<].*[)>]')
    )[1]
    """,
    (
        ("event_params", "campaign"),
        ("collected_traffic_source", "manual_campaign_name"),
        ("event_name",),
        ("traffic_source", "name"),
    ),
)
_EXPRESSIONS = {
    "type": Derived(
        "case when {0} = 'click' and {1} = 'true' then 'outbound_click' end",
        (("event_name",), ("event_params", "outbound")),
    ),
    "campaign": _CAMPAIGN,
    "device": Derived("case when {0} = 'smart tv' then 'tv' end", (("device", "category"),)),
    "tracker_session_id": Derived(
        "coalesce({0}, {1}, {2}) || '.' || coalesce({3}, {4})",
        (
            ("user_pseudo_id",),
            ("client_id",),
            ("user_id",),
            ("event_params", "ga_session_id"),
            ("ga_session_id",),
        ),
    ),
}


def _plain(entries: str, field: str) -> str:
    """SQL of a list of {key, value} as one object; null where it is not such a list.

    `field`: SQL of an entry as a field of JSON; those without are left out.
    """
    return f"""
        try_cast('{{' || array_to_string(list_transform(
            json_transform({entries}, '{_ENTRIES}'), lambda entry: {field}
        ), ',') || '}}' as json)
    """


_VALUES = ("string_value", "int_value", "float_value", "double_value", "set_timestamp_micros")
_ENTRIES = json.dumps([{"key": "JSON", "value": dict.fromkeys(_VALUES, "JSON")}])
# JSON has integers as text, since other readers know no whole numbers of 64 bits. An entry
# without key leaves a text that is no JSON: then the list stays as it is.
_FIELD = """coalesce(
    entry.key::varchar || ':' || coalesce(
        entry.value.string_value::varchar,
        nullif(regexp_extract(trim(entry.value.int_value::varchar, '"'), '^-?\\d+$', 0), ''),
        entry.value.int_value::varchar,
        entry.value.float_value::varchar,
        entry.value.double_value::varchar,
        'null'
    ),
    'no key'
)"""
_SET_AT = "entry.key::varchar || ':' || trim(entry.value.set_timestamp_micros::varchar, '\"')"


def _list_or_object(folder: str) -> str:
    """SQL of a folder as an object; as it came where it is no list, null where there is none."""
    return f"""
        case
            when json_array_length({folder}) > 0
                then coalesce({_plain(folder, _FIELD)}, record -> '$.{folder}')
            else record -> '$.{folder}'
        end
    """


# Lists may be text that holds JSON.
RESHAPE = f"""
    with

    lists_read as (
        select
            *,
            try_cast(record ->> '$.event_params' as json) as event_params,
            try_cast(record ->> '$.user_properties' as json) as user_properties
        from records
    )

    select
        line,
        part,
        json_merge_patch(record, json_object(
            'event_params', {_list_or_object("event_params")},
            'user_properties', {_list_or_object("user_properties")},
            'user_properties_set_timestamp_micros',
            nullif({_plain("user_properties", _SET_AT)}, '{{}}')
        )) as record
    from lists_read
"""  # noqa: S608

FORMAT = Format(
    name="ga4",
    sentence="Google Analytics 4 in its BigQuery export (JSON or Parquet).",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    reshape=RESHAPE,
)
