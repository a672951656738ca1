"""Matomo's visits with their actions, as its API method Live.getLastVisitsDetails returns them.

After Matomo's "Reporting API reference" (module Live) and the answers it gives. One visit becomes
an event for each of its actions; one without actions (doNotFetchActions) becomes its start alone.
Words that the API translates, such as `deviceType` and the `…Pretty` times, are not relied on.
"""

from etl.formats.field_map import FieldMap
from etl.formats.format import Format, Request
from etl.read.sample import Sample


def recognises(sample: Sample, request: Request) -> bool:
    """Visits by their id with the actions, or with the visitor where actions were left out."""
    columns = set(sample.columns)
    has_visits = "idVisit" in columns and (
        "actionDetails" in columns or columns >= {"visitorId", "firstActionTimestamp"}
    )
    return has_visits and not request.map


# A list that was filtered comes as an object with the places for keys. At equal times the ids
# decide: numbers of page views grow, so ids that begin with them keep the order of the visit.
RESHAPE = """
    with

    visits as (
        select
            line,
            part,
            json_merge_patch(record, '{"actionDetails": null}') as visit,
            try_cast(record ->> '$.actionDetails' as json) as details
        from records
    ),

    actions_listed as (
        select
            *,
            case
                when json_array_length(details) > 0 then json_extract(details, '$[*]')
                when json_type(details) = 'OBJECT' then json_extract(details, '$.*')
                else [json_object('type', 'session_start', 'timestamp', coalesce(
                    visit -> '$.firstActionTimestamp', visit -> '$.serverTimestamp'
                ))]
            end as actions
        from visits
    ),

    actions_named as (
        select
            *,
            list_transform(actions, lambda action: coalesce(
                format('{:0>12}-{}', action ->> '$.pageId', action ->> '$.type'),
                format('{:0>12}-goal-{}', action ->> '$.goalPageId', action ->> '$.goalId'),
                'order-' || (action ->> '$.orderId')
            )) as names,
            list_position(
                list_transform(actions, lambda action: action ->> '$.type'), 'action'
            ) as first_page
        from actions_listed
    )

    select
        line,
        part,
        json_object(
            'visit', visit,
            'action', unnest(actions),
            'id', unnest(list_transform(names, lambda name, place: case
                when len(list_filter(names, lambda other: other = name)) = 1 then name
                else format('{:0>12}', place::varchar)
            end)),
            'is_first', generate_subscripts(actions, 1) = 1,
            'is_entry', generate_subscripts(actions, 1) <= coalesce(first_page, 1)
        ) as record
    from actions_named
"""


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map. How the visit began is said of its first page, and of what came before it."""
    return [
        FieldMap(
            paths={
                "time": (("action", "timestamp"),),
                "type": (("action", "type"),),
                "browser": (("visit", "browserName"),),
                "os": (("visit", "operatingSystemName"),),
                "tracker_session_id": (("visit", "idVisit"),),
            },
            expressions=_EXPRESSIONS,
            constants={"type": "unnamed"},
            properties=_PROPERTIES,
        )
    ]


_EXPRESSIONS = {
    "event_id": "(record ->> '$.visit.idVisit') || ':' || (record ->> '$.id')",
    # Who may not see visitors is told false instead.
    "user_id": "nullif(record ->> '$.visit.userId', 'false')",
    "anonymous_id": "nullif(record ->> '$.visit.visitorId', 'false')",
    "type": """
        case record ->> '$.action.type'
            when 'action' then 'page_view'
            when 'outlink' then 'outbound_click'
            when 'content' then 'content_interaction'
            when 'event' then nullif(record ->> '$.action.eventAction', '')
        end
    """,
    # Of outlinks and downloads the URL is where they led to.
    "url": """
        case
            when record ->> '$.action.type' not in ('outlink', 'download')
                then record ->> '$.action.url'
        end
    """,
    "referrer": """
        case when (record -> '$.is_entry')::boolean then record ->> '$.visit.referrerUrl' end
    """,
    "campaign": """
        case
            when (record -> '$.is_entry')::boolean
                then coalesce(
                    nullif(record ->> '$.visit.campaignName', ''),
                    case
                        when record ->> '$.visit.referrerType' = 'campaign'
                            then record ->> '$.visit.referrerName'
                    end
                )
        end
    """,
    # The icon's name is the device in English, whatever the language of the answer.
    "device": """
        list_transform(
            [coalesce(
                nullif(
                    regexp_extract(record ->> '$.visit.deviceTypeIcon', '(\\w+)\\.\\w+$', 1), ''
                ),
                lower(record ->> '$.visit.deviceType')
            )],
            lambda word: case
                when word = 'phablet' then 'mobile'
                when regexp_matches(word, '^smart.(display|speaker)') then 'other'
                else word
            end
        )[1]
    """,
}

# An action's own fields, and with the first one what the answer says of the visit.
_PROPERTIES = """
    json_joined(
        json_merge_patch(record -> '$.action', '{"timestamp": null}'),
        case
            when (record -> '$.is_first')::boolean
                then json_object('visit', record -> '$.visit')
        end
    )
"""

FORMAT = Format(
    name="matomo",
    sentence="Matomo visits with their actions (Live.getLastVisitsDetails as JSON).",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    has_several=True,
    reshape=RESHAPE,
)
