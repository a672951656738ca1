-- How far each source goes, and how often something new comes of it: the days within which nine of
-- ten days with new events came after the one before, of its last 8 weeks, or the last 4 of them.
-- grain: one source
with

sources as (
    select
        source,
        min(start_date) as first_date,
        max(start_date) as last_date
    from source_days
    where
        session_count > 0
        and ($pruned_before::date is null or start_date >= $pruned_before::date)
    group by source
),

-- Files of one load come at moments of their own: it is days that are apart.
new_load_days as (
    select
        source,
        timezone($time_zone, timezone('UTC', loaded_at))::date as load_date,
        max(loaded_at) as last_new_at
    from load_runs
    where status = 'loaded' and rows_loaded > 0
    group by all
),

load_gaps as (
    select
        *,
        load_date - lag(load_date) over (partition by source order by load_date) as gap_days,
        max(load_date) over (partition by source) - load_date as days_before_last,
        row_number() over (partition by source order by load_date desc) as place
    from new_load_days
),

new_loads as (
    select
        source,
        max(last_new_at) as last_new_at,
        count(*) as load_day_count,
        quantile_cont(gap_days, 0.9) as usual_gap_days
    from load_gaps
    where days_before_last < 56 or place <= 4
    group by source
),

-- A load that brought nothing new says, too, that a day is over.
last_loads as (
    select
        source,
        max(loaded_at) as last_loaded_at,
        max(timezone($time_zone, timezone('UTC', loaded_at)))::date as last_load_date
    from load_runs
    where status = 'loaded'
    group by source
)

select
    source,
    first_date,
    last_date,
    last_load_date,
    last_loaded_at,
    last_new_at,
    load_day_count,
    usual_gap_days
from sources
left join last_loads using (source)
left join new_loads using (source)
order by source
