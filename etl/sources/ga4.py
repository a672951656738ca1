"""Google Analytics 4 (and Firebase) in its BigQuery export: a row per event, parameters as lists.

After Google's "BigQuery Export schema" and "Automatically collected events". Rows come as JSON
(integers as text) or as Parquet; dbt packages stage them with `client_id` and some parameters as
columns. The export has no event id, and its `ga_session_id` is unique only within a user.
"""

from etl.files import Sample
from etl.mapping import FieldMap
from etl.sources.format import Format, Request
from etl.sources.trackers import inside, named, own_words


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
_CAMPAIGN = """
    list_filter(
        [
            record ->> '$.event_params.campaign',
            record ->> '$.collected_traffic_source.manual_campaign_name',
            case
                when record ->> '$.event_name' in ('first_visit', 'first_open')
                    then record ->> '$.traffic_source.name'
            end
        ],
        lambda name: name <> '' and not regexp_full_match(name, '[(<].*[)>]')
    )[1]
"""
_SESSION = """
    coalesce(
        nullif(record ->> '$.user_pseudo_id', ''),
        nullif(record ->> '$.client_id', ''),
        nullif(record ->> '$.user_id', '')
    ) || '.' || coalesce(
        nullif(record ->> '$.event_params.ga_session_id', ''),
        nullif(record ->> '$.ga_session_id', '')
    )
"""
_EXPRESSIONS = {
    "type": """
        case
            when
                record ->> '$.event_name' = 'click'
                and record ->> '$.event_params.outbound' = 'true'
                then 'outbound_click'
        end
    """,
    "campaign": _CAMPAIGN,
    "device": "case when record ->> '$.device.category' = 'smart tv' then 'tv' end",
    "tracker_session_id": _SESSION,
}


def _plain(folder: str, field: str) -> str:
    """SQL of a list of {key, value} as one object; null where it is not such a list.

    `field`: SQL of an entry as a field of JSON; those without are left out.
    """
    return f"""
        try_cast('{{' || array_to_string(list_transform(
            json_extract({_text_as_json(folder)}, '$[*]'), lambda entry: {field}
        ), ',') || '}}' as json)
    """


def _text_as_json(folder: str) -> str:
    return f"try_cast(record ->> '$.{folder}' as json)"


# JSON has integers as text, since other readers know no whole numbers of 64 bits. An entry
# without key leaves a text that is no JSON: then the list stays as it is.
_FIELD = """coalesce(
    (entry -> '$.key')::varchar || ':' || coalesce(
        nullif((entry -> '$.value.string_value')::varchar, 'null'),
        nullif(regexp_extract(entry ->> '$.value.int_value', '^-?\\d+$', 0), ''),
        nullif((entry -> '$.value.int_value')::varchar, 'null'),
        nullif((entry -> '$.value.float_value')::varchar, 'null'),
        (entry -> '$.value.double_value')::varchar,
        'null'
    ),
    'no key'
)"""
_SET_AT = "(entry -> '$.key')::varchar || ':' || (entry ->> '$.value.set_timestamp_micros')"


def _list_or_object(folder: str) -> str:
    """SQL of a folder as an object; as it came where it is no list, null where there is none."""
    return f"""
        case
            when json_array_length({_text_as_json(folder)}) > 0
                then coalesce({_plain(folder, _FIELD)}, record -> '$.{folder}')
            else record -> '$.{folder}'
        end
    """


RESHAPE = f"""
    select
        line,
        part,
        json_merge_patch(record, json_object(
            'event_params', {_list_or_object("event_params")},
            'user_properties', {_list_or_object("user_properties")},
            'user_properties_set_timestamp_micros',
            nullif({_plain("user_properties", _SET_AT)}, '{{}}')
        )) as record
    from records
"""  # noqa: S608

FORMAT = Format(
    name="ga4",
    sentence="Google Analytics 4 in its BigQuery export (JSON or Parquet).",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    reshape=RESHAPE,
)
