-- The days of each source that may be judged, also those without a session. Not its first, which
-- may have begun at noon, nor the running day, nor days that its last load came too early for.
-- grain: source x local day
with

kept_days as (
    select *
    from source_days
    where $pruned_before::date is null or start_date >= $pruned_before::date
),

last_loads as (
    select
        source,
        max(timezone($time_zone, timezone('UTC', loaded_at)))::date as load_date
    from load_runs
    where status = 'loaded'
    group by source
),

days as (
    select
        sources.source,
        unnest(generate_series(
            sources.first_date + interval 1 day,
            least($as_of_date::date, last_loads.load_date) - interval 1 day,
            interval 1 day
        ))::date as local_date
    from (
        select
            source,
            min(start_date) as first_date
        from kept_days
        where session_count > 0
        group by source
    ) as sources
    left join last_loads on sources.source = last_loads.source
)

select
    days.source,
    days.local_date,
    coalesce(columns(kept_days.* exclude (source, start_date, hour_counts)), 0),
    kept_days.hour_counts
from days
left join kept_days
    on days.source = kept_days.source and days.local_date = kept_days.start_date
