-- What the build holds: the dates and choices that filters can offer, bots taken in. Its days
-- begin with the first that was not pruned.
-- grain: one row
with

sessions_summed as (
    select
        greatest(min(start_date), $pruned_before::date) as min_date,
        count(*) as session_count,
        coalesce(sum(event_count), 0)::bigint as event_count
    from user_sessions
),

days_summed as (
    select max(event_date) as max_date
    from session_days
),

devices_listed as (
    select list(device_type order by device_type) as devices
    from (
        select coalesce(device_type, 'unknown') as device_type
        from user_sessions
        group by 1
    )
),

-- Of the events: their source is one plain word, that of a session a list.
sources_listed as (
    select list(source order by source) as sources
    from (select distinct source from session_events)
)

select
    sessions_summed.min_date,
    days_summed.max_date,
    sessions_summed.session_count,
    sessions_summed.event_count,
    coalesce(sources_listed.sources, []) as sources,
    coalesce(devices_listed.devices, []) as devices,
    $as_of::timestamp as as_of,
    $pruned_before::date as pruned_before
from sessions_summed
cross join days_summed
cross join devices_listed
cross join sources_listed
