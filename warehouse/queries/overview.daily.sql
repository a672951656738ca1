-- Each local day of the period, beside the same weekday of the previous period.
-- The filters reach back over both periods; $shown_from and $shown_to bound the shown one.
-- grain: one local date
with

users_counted as (
    select
        event_date,
        count(distinct user_id) as user_count
    from active_days
    group by event_date
),

sessions_counted as (
    select
        start_date,
        count(*) as session_count,
        avg(timed_seconds) as avg_duration_seconds,
        median(timed_seconds) as median_duration_seconds,
        avg(bounced) as bounce_rate
    from filtered_sessions
    group by start_date
),

days_listed as (
    select unnest(
        generate_series(
            $shown_from::date - $shift_days::int, $shown_to::date, interval 1 day
        )
    )::date as event_date
),

-- A day without sessions has counts of 0, and no rates or durations.
days_measured as (
    select
        days_listed.event_date,
        coalesce(sessions_counted.session_count, 0) as session_count,
        coalesce(users_counted.user_count, 0) as user_count,
        sessions_counted.avg_duration_seconds,
        sessions_counted.median_duration_seconds,
        sessions_counted.bounce_rate
    from days_listed
    left join sessions_counted on days_listed.event_date = sessions_counted.start_date
    left join users_counted on days_listed.event_date = users_counted.event_date
),

data_begun as (
    select min(start_date) as first_date
    from user_sessions
)

select
    days.event_date,
    days.session_count,
    days.user_count,
    days.avg_duration_seconds,
    days.median_duration_seconds,
    days.bounce_rate,
    coalesce(days.event_date < $as_of_date::date, false) as is_complete,
    days.event_date - $shift_days::int as previous_date,
    previous_days.session_count as previous_session_count,
    previous_days.user_count as previous_user_count,
    previous_days.avg_duration_seconds as previous_avg_duration_seconds,
    previous_days.median_duration_seconds as previous_median_duration_seconds,
    previous_days.bounce_rate as previous_bounce_rate
from days_measured as days
cross join data_begun
-- Nothing is told of days before the data, nor when there is no previous period.
left join days_measured as previous_days
    on
        $shift_days::int > 0
        and previous_days.event_date = days.event_date - $shift_days::int
        and previous_days.event_date >= data_begun.first_date
where days.event_date >= $shown_from::date
order by days.event_date
