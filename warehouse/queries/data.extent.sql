-- What the build holds: the dates and choices that filters can offer, bots taken in.
-- grain: one row
with

sessions_summed as (
    select
        min(start_date) as min_date,
        count(*) as session_count,
        sum(event_count)::bigint as event_count,
        list(distinct coalesce(device_type, 'unknown')) as devices
    from user_sessions
),

days_summed as (
    select max(event_date) as max_date
    from session_days
),

sources_listed as (
    select list(distinct source) as sources
    from (
        select unnest(sources) as source
        from (select distinct sources from user_sessions)
    )
)

select
    sessions_summed.min_date,
    days_summed.max_date,
    sessions_summed.session_count,
    coalesce(sessions_summed.event_count, 0) as event_count,
    list_sort(coalesce(sources_listed.sources, [])) as sources,
    list_sort(coalesce(sessions_summed.devices, [])) as devices,
    $as_of::timestamp as as_of
from sessions_summed
cross join days_summed
cross join sources_listed
