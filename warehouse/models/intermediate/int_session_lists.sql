-- The tags and assets of each session's events, sorted.
-- scope: session
-- grain: one row per session_id that has some
select
    session_events.session_id,
    list_sort(list_distinct(flatten(list(stg_events.tags) filter (stg_events.tags is not null))))
        as tags,
    list_sort(
        list_distinct(flatten(list(stg_events.assets) filter (stg_events.assets is not null)))
    ) as assets
from stg_events
inner join session_events
    on
        session_events.source = stg_events.source
        and session_events.event_id = stg_events.event_id
where stg_events.tags is not null or stg_events.assets is not null
group by session_events.session_id
