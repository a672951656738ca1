-- Users with an event in the period, one page of them in the chosen order. Counts and durations
-- are of the sessions that begin in it: none for a user whose only visit began the day before.
-- Most users are on other pages: of them all only what decides the order is made.
-- grain: one user
with

users_met as (
    select
        user_key,
        any_value(user_id) as user_id
    from active_days
    where $search = '' or contains(lower(user_id), lower($search))
    group by user_key
),

-- An aggregate that a case leaves out is computed all the same, one without rows is not.
numbers_of_days as (
    select
        user_key,
        count(distinct event_date)::double as number_key
    from active_days
    where $sort_key = 'active_day_count'
    group by user_key
),

medians as (
    select
        user_key,
        median(timed_seconds) as number_key
    from filtered_sessions
    where $sort_key = 'median_duration_seconds'
    group by user_key
),

numbers_of_sessions as (
    select
        user_key,
        case $sort_key
            when 'session_count' then count(*)::double
            when 'action_count' then sum(action_count)::double
            when 'error_count' then sum(error_count)::double
            else avg(timed_seconds)
        end as number_key
    from filtered_sessions
    where
        $sort_key in ('session_count', 'action_count', 'error_count', 'avg_duration_seconds')
    group by user_key
),

-- $sort_key is bound like any value; one of the two keys is null for everybody.
keys_chosen as (
    select
        users_met.user_key,
        users_met.user_id,
        case
            when $sort_key = 'last_event_time' then epoch_us(users.last_event_time)::double
            when $sort_key = 'first_event_time' then epoch_us(users.first_event_time)::double
            when $sort_key in ('session_count', 'action_count', 'error_count')
                then coalesce(numbers_of_sessions.number_key, 0)
            else coalesce(
                numbers_of_days.number_key, medians.number_key, numbers_of_sessions.number_key
            )
        end as number_key,
        case $sort_key
            when 'user_id' then users_met.user_id
            when 'pattern' then users.pattern
            when 'device_type' then users.device_type
        end as text_key
    from users_met
    left join numbers_of_days on users_met.user_key = numbers_of_days.user_key
    left join medians on users_met.user_key = medians.user_key
    left join numbers_of_sessions on users_met.user_key = numbers_of_sessions.user_key
    left join users on users_met.user_id = users.user_id
),

users_shown as materialized (
    select *
    from keys_chosen
    order by
        $by_keys,
        user_id asc
    limit $row_limit offset $row_offset
),

sessions_summed as (
    select
        user_key,
        count(*) as session_count,
        avg(timed_seconds) as avg_duration_seconds,
        median(timed_seconds) as median_duration_seconds,
        sum(action_count)::bigint as action_count,
        sum(error_count)::bigint as error_count
    from filtered_sessions
    where user_key in (select user_key from users_shown)
    group by user_key
),

days_counted as (
    select
        user_key,
        count(distinct event_date) as active_day_count
    from active_days
    where user_key in (select user_key from users_shown)
    group by user_key
),

-- Of all time, like the last one.
first_models as (
    select
        user_key,
        arg_min(model_group, session_number) as model_group
    from dimensioned_sessions
    where user_key in (select user_key from users_shown)
    group by user_key
)

select
    users_shown.user_id,
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
    users.device_type,
    first_models.model_group as first_model_group,
    users.model_group as last_model_group,
    user_patterns.session_count as pattern_session_count,
    user_patterns.avg_duration_seconds as pattern_avg_duration_seconds,
    user_patterns.avg_actions as pattern_avg_actions,
    user_patterns.newest_session_errors
from users_shown
inner join days_counted on users_shown.user_key = days_counted.user_key
left join sessions_summed on users_shown.user_key = sessions_summed.user_key
left join users on users_shown.user_id = users.user_id
left join first_models on users_shown.user_key = first_models.user_key
left join user_patterns on users_shown.user_id = user_patterns.user_id
order by
    $by_keys,
    users_shown.user_id asc
