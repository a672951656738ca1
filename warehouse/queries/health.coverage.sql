-- Events of each source by local day, from its first day with an event to its last. Days before a
-- prune are not told.
-- grain: source x local day
with

days_counted as (
    select
        source,
        event_date as date,
        count(*) as event_count
    from session_events
    where $pruned_before::date is null or event_date >= $pruned_before::date
    group by source, event_date
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
