-- When sessions begin, by the local hour and weekday. Hours without sessions count 0; a weekday
-- that the period does not have has no rate.
-- grain: weekday x hour
with

sessions_counted as (
    select
        weekday,
        hour,
        count(*) as session_count
    from filtered_sessions
    group by all
),

extent as (
    select
        greatest(coalesce($first_date::date, min(start_date)), $pruned_before::date) as first_date,
        coalesce($last_date::date, max(start_date)) as last_date
    from filtered_sessions
),

days_counted as (
    select
        isodow(day) as weekday,
        count(*) as weekday_count
    from (
        select unnest(generate_series(
            first_date::timestamp, last_date::timestamp, interval 1 day
        )) as day
        from extent
    )
    group by all
)

select
    weekdays.weekday,
    hours.hour,
    coalesce(sessions_counted.session_count, 0) as session_count,
    coalesce(days_counted.weekday_count, 0) as weekday_count,
    coalesce(sessions_counted.session_count, 0) / days_counted.weekday_count
        as sessions_per_weekday
from range(1, 8) as weekdays (weekday)
cross join range(24) as hours (hour)
left join sessions_counted
    on
        weekdays.weekday = sessions_counted.weekday
        and hours.hour = sessions_counted.hour
left join days_counted on weekdays.weekday = days_counted.weekday
order by weekdays.weekday, hours.hour
