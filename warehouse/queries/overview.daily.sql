-- Each local day of the period, beside the same weekday of the previous period.
-- The filters reach back over both periods; $shown_from and $shown_to bound the shown one. Of
-- pruned days the kept numbers are told where nothing is filtered, and null where they are not
-- known: where an earlier Dwell kept two streams, their users and medians cannot be put together.
-- grain: one local date
with

-- The kept numbers are of all sources and devices, without bots. Builds of an earlier Dwell have no
-- row of all streams: there those of the streams are put together.
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
    where
        $takes_all
        and stat_date < $pruned_before::date
        and (
            stream = 'all'
            or stat_date not in (select stat_date from daily_session_stats where stream = 'all')
        )
    group by stat_date
),

days_listed as (
    select
        unnest(
            generate_series(
                $shown_from::date - $shift_days::int, $shown_to::date, interval 1 day
            )
        )::date as event_date
),

-- A day without sessions has counts of 0, and no rates or durations; of days to come nothing is
-- known.
days_measured as (
    select
        days_listed.event_date,
        coalesce(columns('_count$'), if(event_date > $as_of_date::date, null, 0)),
        columns(lambda name: not name similar to '.*_(count|key|rank|date)')
    from days_listed
    left join measured_sessions on days_listed.event_date = measured_sessions.day_key
    left join counted_users on days_listed.event_date = counted_users.day_key
    where $pruned_before::date is null or days_listed.event_date >= $pruned_before::date
    union all by name
    select
        days_listed.event_date,
        case
            when pruned_days.stat_date is null and $takes_all then 0
            else columns('_count$')
        end,
        columns(lambda name: not name similar to '.*_(count|date)')
    from days_listed
    left join pruned_days on days_listed.event_date = pruned_days.stat_date
    where days_listed.event_date < $pruned_before::date
),

data_begun as (
    select least(
        (select min(start_date) from user_sessions),
        (select min(stat_date) from pruned_days)
    ) as first_date
)

select
    days.*,
    coalesce(days.event_date < $as_of_date::date, false) as is_complete,
    days.event_date - $shift_days::int as previous_date,
    columns(previous_days.* exclude (event_date)) as 'previous_\0'
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
