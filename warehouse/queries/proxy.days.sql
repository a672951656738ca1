-- Sessions a day as the application's tables alone tell them, beside the tracked ones of the same
-- users, and whether anything was tracked that day.
-- grain: local date
with

proxy_days as (
    select
        timezone($time_zone, timezone('UTC', start_time))::date as start_date,
        count(*) as proxy_count
    from proxy_sessions
    where activity = $all_activities
    group by all
),

tracked_days as (
    select
        start_date,
        count(*) as tracked_count
    from tracked_sessions
    group by start_date
),

-- Of any user, and whatever the filters say: a day of which nothing was tracked at all.
seen_days as (
    select distinct start_date
    from (
        select
            start_date,
            unnest(sources) as source
        from user_sessions
    )
    where source not in (select loads.source from load_runs as loads where loads.format = 'tables')
)

select
    days.start_date,
    coalesce(proxy_days.proxy_count, 0) as proxy_session_count,
    coalesce(tracked_days.tracked_count, 0) as tracked_session_count,
    seen_days.start_date is not null as is_tracked
from (
    select start_date from proxy_days
    union
    select start_date from tracked_days
) as days
left join proxy_days on days.start_date = proxy_days.start_date
left join tracked_days on days.start_date = tracked_days.start_date
left join seen_days on days.start_date = seen_days.start_date
where
    days.start_date < $as_of_date::date
    and ($pruned_before::date is null or days.start_date >= $pruned_before::date)
    and ($first_date::date is null or days.start_date >= $first_date::date)
    and ($last_date::date is null or days.start_date <= $last_date::date)
order by days.start_date
