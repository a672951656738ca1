"""Clickstream Analytics on AWS: rows of its `event_v2` table, as Athena and Redshift give them.

After the solution's "Data schema". Some of its exports spell a null as the word NULL. What a
team sends of its own is JSON text in `custom_parameters_json_str`.
"""

from etl.formats.field_map import Derived, FieldMap
from etl.formats.format import Format, Request
from etl.formats.trackers import in_utc, own_words, renamed, text_but, unpacked
from etl.read.sample import Sample

_OWN = "custom_parameters_json_str"
_TIMES = (("event_timestamp",), ("event_time_msec",))
_TYPES = {
    "_app_exception": "error",
    "_user_login": "login",
    **dict.fromkeys(
        (
            *("_first_open", "_app_start", "_app_end", "_app_update", "_os_update"),
            *("_profile_set", "_clickstream_error"),
        ),
        "system",
    ),
}
# In a record a text that is a value follows a colon; quotes in a text are escaped.
_RESHAPE = (
    "select line, part, regexp_replace(record, ':\\s*\"NULL\"', ':null', 'g')::json as record "
    f"from ({unpacked(_OWN)})"
)


def recognises(sample: Sample, request: Request) -> bool:
    """A name and a pseudonymous user beside columns of this table alone."""
    columns = {column.lower() for column in sample.columns}
    is_told = "event_time_msec" in columns or any(
        column.startswith(("device_ua_", "page_view_page_", "screen_view_screen_"))
        for column in columns
    )
    return not request.map and is_told and {"event_name", "user_pseudo_id"} <= columns


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map."""
    return [
        FieldMap(
            paths={
                **own_words(_OWN),
                "event_id": (("event_id",),),
                "user_id": (("user_id",),),
                "anonymous_id": (("user_pseudo_id",),),
                "time": _TIMES,
                "type": (("event_name",),),
                "url": (
                    ("page_view_page_url",),
                    ("page_view_page_url_path",),
                    ("screen_view_screen_name",),
                ),
                "page_host": (("page_view_hostname",),),
                "referrer": (("page_view_page_referrer",),),
                "device": (("device_ua_device_category",), ("platform",)),
                "browser": (("device_ua_browser",),),
                "os": (("device_ua_os",), ("device_operating_system",)),
                "tracker_session_id": (("session_id",),),
            },
            expressions={
                **in_utc(request.time_zone, *_TIMES),
                "type": Derived(renamed(_TYPES), (("event_name",),)),
                "campaign": text_but("Direct", ("traffic_source_campaign",)),
            },
            spent=("event_id", "user_id", "user_pseudo_id", "event_timestamp", "session_id"),
            folder=_OWN,
        )
    ]


FORMAT = Format(
    name="aws_clickstream",
    sentence="Clickstream Analytics on AWS: rows of its event_v2 table.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    reshape=_RESHAPE,
)
