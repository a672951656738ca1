-- Sessions, their length and bounces under other timeouts: cut anew first, and filtered then.
-- grain: one timeout
with

-- Under the name by which conditions look users up.
taken as (
    select
        timeout_us,
        is_open,
        event_count,
        case
            when duration_seconds <= $suspect_seconds then duration_seconds
        end as timed_seconds,
        duration_seconds < $bounce_seconds and action_count <= $bounce_actions as is_short
    from $cut_anew as dimensioned_sessions
    where
        ($include_bots or not is_bot)
        and ($pruned_before::date is null or start_date >= $pruned_before::date)
        and ($first_date::date is null or start_date >= $first_date::date)
        and ($last_date::date is null or start_date <= $last_date::date)
        and $conditions
),

measured as (
    select
        timeout_us,
        count(*) as session_count,
        quantile_cont(timed_seconds, 0.5) as median_duration_seconds,
        avg(is_short::int) filter (not is_open) as bounce_rate,
        avg((event_count < 2)::int) filter (not is_open) as one_event_rate
    from taken
    group by timeout_us
)

select
    asked.timeout_us / 6e7 as timeout_minutes,
    coalesce(measured.session_count, 0) as session_count,
    measured.median_duration_seconds,
    measured.bounce_rate,
    measured.one_event_rate
from (select unnest($timeouts_us::bigint[]) as timeout_us) as asked
left join measured on measured.timeout_us = asked.timeout_us
order by asked.timeout_us
