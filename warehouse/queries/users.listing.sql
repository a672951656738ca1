-- Users with an event in the period, one page of them in the chosen order. Counts and durations
-- are of the sessions that begin in it: none for a user whose only visit began the day before.
-- grain: one user
with

sessions_summed as (
    select
        user_id,
        count(*) as session_count,
        avg(timed_seconds) as avg_duration_seconds,
        median(timed_seconds) as median_duration_seconds,
        sum(action_count)::bigint as action_count,
        sum(error_count)::bigint as error_count
    from filtered_sessions
    where contains(lower(user_id), lower($search))
    group by user_id
),

days_counted as (
    select
        user_id,
        count(distinct event_date) as active_day_count
    from active_days
    where contains(lower(user_id), lower($search))
    group by user_id
),

users_described as (
    select
        days_counted.user_id,
        users.is_anonymous,
        users.pattern,
        coalesce(sessions_summed.session_count, 0) as session_count,
        days_counted.active_day_count,
        users.last_event_time,
        users.first_event_time,
        sessions_summed.avg_duration_seconds,
        sessions_summed.median_duration_seconds,
        coalesce(sessions_summed.action_count, 0) as action_count,
        coalesce(sessions_summed.error_count, 0) as error_count,
        users.device_type
    from days_counted
    left join sessions_summed on days_counted.user_id = sessions_summed.user_id
    left join users on days_counted.user_id = users.user_id
),

-- $sort_key is bound like any value; one of the two keys is null for everybody.
keys_chosen as (
    select
        *,
        case $sort_key
            when 'last_event_time' then epoch_us(last_event_time)::double
            when 'first_event_time' then epoch_us(first_event_time)::double
            when 'session_count' then session_count::double
            when 'active_day_count' then active_day_count::double
            when 'avg_duration_seconds' then avg_duration_seconds
            when 'median_duration_seconds' then median_duration_seconds
            when 'action_count' then action_count::double
            when 'error_count' then error_count::double
        end as number_key,
        case $sort_key
            when 'user_id' then user_id
            when 'pattern' then pattern
            when 'device_type' then device_type
        end as text_key
    from users_described
)

select * exclude (number_key, text_key)
from keys_chosen
order by
    case when $descending then number_key end desc nulls last,
    case when not $descending then number_key end asc nulls last,
    case when $descending then text_key end desc nulls last,
    case when not $descending then text_key end asc nulls last,
    user_id asc
limit $row_limit offset $row_offset
