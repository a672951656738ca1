-- Events of each source by local day, from its first day with an event to its last. Days before a
-- prune are not told.
-- grain: source x local day
with

-- Most sessions are of one source and one day, and say how many events they have: few events are
-- looked at one by one.
events_of_days as (
    select
        sources[1] as source,
        start_date as date,
        event_count
    from user_sessions
    where len(sources) = 1 and start_date = end_date
    union all
    select
        user_sessions.sources[1] as source,
        overnight_days.event_date as date,
        overnight_days.event_count
    from overnight_days
    inner join user_sessions on overnight_days.session_id = user_sessions.session_id
    where
        len(user_sessions.sources) = 1
        and user_sessions.start_date <> user_sessions.end_date
    union all
    select
        session_events.source,
        session_events.event_date as date,
        1 as event_count
    from session_events
    where session_events.session_id in (
        select user_sessions.session_id from user_sessions where len(user_sessions.sources) > 1
    )
),

days_counted as (
    select
        source,
        date,
        sum(event_count)::bigint as event_count
    from events_of_days
    where $pruned_before::date is null or date >= $pruned_before::date
    group by source, date
),

source_days as (
    select
        source,
        unnest(generate_series(min(date), max(date), interval 1 day))::date as date
    from days_counted
    group by source
)

select
    source_days.source,
    source_days.date,
    coalesce(days_counted.event_count, 0) as event_count,
    days_counted.event_count is null as is_gap
from source_days
left join days_counted
    on source_days.source = days_counted.source and source_days.date = days_counted.date
order by source_days.source, source_days.date
