"""PostHog's events: batch exports as lines or Parquet, and the CSV of its event list.

After PostHog's "Batch exports" (events model), "Events" and "Autocapture". In lines the
properties are an object, in Parquet JSON text, in the event list's CSV a column each. Events
that PostHog's libraries send of their own accord, and no user did, are `system`.
"""

from etl.formats.field_map import Derived, FieldMap, Keys
from etl.formats.format import Format, Request
from etl.formats.trackers import in_utc, own_words, renamed, text_but, unpacked
from etl.read.sample import Sample

_TYPES = {
    "$screen": "page_view",
    "$pageview": "page_view",
    "$pageleave": "page_leave",
    "$exception": "error",
    **dict.fromkeys(
        (
            *("$identify", "$create_alias", "$merge_dangerously", "$set", "$unset", "$opt_in"),
            *("$groupidentify", "$group_identify", "$feature_flag_called", "$web_vitals"),
            *("$performance_event", "$snapshot", "$$heatmap", "$$client_ingestion_warning"),
        ),
        "system",
    ),
}
# What an automatic event is, by the browser's or phone's own name for it.
_TYPE = (
    f"case {{0}} when '$autocapture' then "
    f"coalesce({renamed({'touch': 'click'}, '{1}')}, {{1}}, 'click') else {renamed(_TYPES)} end"
)
# Of distinct id, $is_identified, $device_id: PostHog tells who is known. Where it does not, the
# id that it made for the device is a visitor's; servers send no device, but their users' ids.
_IS_KNOWN = "coalesce(lower({1}) = 'true', {0} is distinct from {2})"

# An event that makes two ids one person: its own, and the one that it calls the alias. Which of
# them is a visitor's, is told as of every event: where it is not its own, it is the alias.
_IS_ALIAS = "({4} in ('$create_alias', '$merge_dangerously') and {5} is not null)"


def recognises(sample: Sample, request: Request) -> bool:
    """An event, its time and its distinct id, with properties in one of the three shapes."""
    if request.map:
        return False
    columns = set(sample.columns)
    lead = _lead(sample.columns)
    has_properties = "properties" in columns or any(
        column.startswith(f"{lead}properties.$") for column in columns
    )
    return has_properties and {lead + "event", lead + "distinct_id", lead + "timestamp"} <= columns


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map, of properties in a folder or in columns of their own."""
    lead = _lead(columns)
    is_flat = "properties" not in columns

    def own(*names: str) -> tuple[Keys, ...]:
        if is_flat:
            return tuple((f"{lead}properties.{name}",) for name in names)
        return tuple(("properties", name) for name in names)

    event, person = (lead + "event",), (lead + "distinct_id",)
    identity = (person, *own("$is_identified", "$device_id", "$anon_distinct_id"))
    joined = (*identity, event, *own("alias"))
    return [
        FieldMap(
            paths={
                **own_words("properties"),
                "event_id": ((lead + "uuid",), (lead + "id",)),
                # Of a visitor the same as the anonymous id.
                "user_id": (person,),
                "time": ((lead + "timestamp",),),
                "type": (event,),
                "url": own("$current_url", "$pathname", "$screen_name"),
                "page_host": own("$host"),
                "campaign": own("utm_campaign", "$utm_campaign"),
                "user_agent": own("$raw_user_agent", "$user_agent"),
                "device": own("$device_type"),
                "browser": own("$browser"),
                "os": own("$os"),
                "tracker_session_id": (*own("$session_id"), (lead + "session_id",)),
            },
            expressions={
                "user_id": Derived(
                    f"case when {_IS_ALIAS} and not {_IS_KNOWN} then {{5}} else {{0}} end", joined
                ),
                "anonymous_id": Derived(
                    f"case when not {_IS_KNOWN} then {{0}} when {_IS_ALIAS} then {{5}} "
                    "else coalesce({3}, {2}) end",
                    joined,
                ),
                **in_utc(request.time_zone, (lead + "timestamp",)),
                "type": Derived(_TYPE, (event, *own("$event_type"))),
                "referrer": text_but("$direct", *own("$referrer")),
                "experiment_id": _EXPERIMENT,
            },
            spent=(lead + "uuid", lead + "timestamp", lead + "distinct_id"),
            folder=None if is_flat else "properties",
        )
    ]


def _lead(columns: tuple[str, ...]) -> str:
    """What stands before every name in the CSV of the event list."""
    return "*." if "*.distinct_id" in columns else ""


# An experiment is a flag with named variants. With several of them at once none is told: all
# stay in the properties.
_EXPERIMENT = """
    case when contains(record, '"$feature/') then
        list_transform(
            [list_filter(
                list_transform(
                    list_filter(
                        json_keys(record, '$.properties'), lambda key: starts_with(key, '$feature/')
                    ),
                    lambda key: {
                        'flag': substr(key, 10),
                        'variant': json_extract(record, '$.properties."' || key || '"')
                    }
                ),
                lambda flag: json_type(flag.variant) = 'VARCHAR'
            )],
            lambda flags: case when len(flags) = 1 then flags[1].flag end
        )[1]
    end
"""


FORMAT = Format(
    name="posthog",
    sentence="PostHog batch exports of events, and the CSV of its event list.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    reshape=unpacked("properties"),
)
