-- Each local day of the period, beside the same weekday of the previous period.
-- The filters reach back over both periods; $shown_from and $shown_to bound the shown one. Of
-- pruned days the kept numbers are told where nothing is filtered, and null where they are not
-- known: users and medians of two streams cannot be put together.
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

-- The kept numbers are of all sources and devices, without bots.
choice_judged as (
    select
        not $include_bots
        and len($sources::varchar[]) = 0
        and len($devices::varchar[]) = 0 as takes_all
),

pruned_days as (
    select
        stat_date,
        sum(total_sessions)::bigint as session_count,
        case when count(*) = 1 then any_value(unique_users) end as user_count,
        sum(avg_duration_seconds * (total_sessions - suspect_sessions))
        / sum(total_sessions - suspect_sessions) filter (avg_duration_seconds is not null)
            as avg_duration_seconds,
        case when count(*) = 1 then any_value(median_duration_seconds) end
            as median_duration_seconds,
        sum(bounce_rate * (total_sessions - open_sessions))
        / sum(total_sessions - open_sessions) filter (bounce_rate is not null) as bounce_rate
    from daily_session_stats
    inner join choice_judged on choice_judged.takes_all
    where stat_date < $pruned_before::date
    group by stat_date
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
        case
            when days_listed.event_date >= $pruned_before::date or $pruned_before::date is null
                then coalesce(sessions_counted.session_count, 0)
            when pruned_days.stat_date is not null then pruned_days.session_count
            when choice_judged.takes_all then 0
        end as session_count,
        case
            when days_listed.event_date >= $pruned_before::date or $pruned_before::date is null
                then coalesce(users_counted.user_count, 0)
            when pruned_days.stat_date is not null then pruned_days.user_count
            when choice_judged.takes_all then 0
        end as user_count,
        coalesce(sessions_counted.avg_duration_seconds, pruned_days.avg_duration_seconds)
            as avg_duration_seconds,
        coalesce(sessions_counted.median_duration_seconds, pruned_days.median_duration_seconds)
            as median_duration_seconds,
        coalesce(sessions_counted.bounce_rate, pruned_days.bounce_rate) as bounce_rate
    from days_listed
    cross join choice_judged
    left join pruned_days on days_listed.event_date = pruned_days.stat_date
    left join sessions_counted on days_listed.event_date = sessions_counted.start_date
    left join users_counted on days_listed.event_date = users_counted.event_date
),

data_begun as (
    select least(
        (select min(start_date) from user_sessions),
        (select min(stat_date) from pruned_days)
    ) as first_date
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
