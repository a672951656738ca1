-- What stays known of the users of the sessions that leave, with what was kept of them before.
-- grain: one row per user_id
with

-- Days are counted by the day, not by the session: those of sessions that stay are in here too.
days_counted as (
    select
        user_id,
        count(distinct event_date) as active_day_count
    from session_days
    where
        event_date < $pruned_before::date
        and ($kept_before::date is null or event_date >= $kept_before::date)
    group by user_id
),

events_summed as (
    select
        session_events.user_id,
        min(session_events.event_time) as first_event_time,
        max(session_events.event_time) as last_event_time,
        count(*) as event_count,
        bool_and(coalesce(session_events.user_id = session_events.anonymous_id, false))
            as is_anonymous
    from session_events
    semi join leaving_sessions on leaving_sessions.session_id = session_events.session_id
    group by session_events.user_id
),

sessions_summed as (
    select
        user_id,
        count(*) as session_count,
        sum(action_count)::bigint as action_count,
        sum(query_count)::bigint as query_count,
        sum(error_count)::bigint as error_count,
        bool_or(is_bot) as is_bot,
        count(*) filter (not is_suspect) as timed_session_count,
        coalesce(sum(round(duration_seconds * 1000000)::bigint) filter (not is_suspect), 0)
        / 1000000.0 as total_duration_seconds,
        arg_max(device_type, session_number) as device_type,
        arg_max(model_group, session_number) as model_group,
        list(
            {
                'session_id': session_id,
                'start_time': start_time,
                'duration_seconds': duration_seconds,
                'is_suspect': is_suspect,
                'action_count': action_count,
                'error_count': error_count
            }
            order by start_time desc, session_id desc
        ) as newest_sessions
    from leaving_sessions
    group by user_id
),

leaving as (
    select
        days_counted.user_id,
        events.first_event_time,
        events.last_event_time,
        sessions.session_count,
        events.event_count,
        sessions.action_count,
        sessions.query_count,
        sessions.error_count,
        days_counted.active_day_count,
        events.is_anonymous,
        sessions.is_bot,
        sessions.timed_session_count,
        sessions.total_duration_seconds,
        sessions.device_type,
        sessions.model_group,
        sessions.newest_sessions,
        1 as age
    from days_counted
    left join events_summed as events on events.user_id = days_counted.user_id
    left join sessions_summed as sessions on sessions.user_id = days_counted.user_id
),

known as (
    select * from leaving
    union all by name
    select
        *,
        2 as age
    from kept_users
),

final as (
    select
        user_id,
        min(first_event_time) as first_event_time,
        max(last_event_time) as last_event_time,
        coalesce(sum(session_count), 0)::bigint as session_count,
        coalesce(sum(event_count), 0)::bigint as event_count,
        coalesce(sum(action_count), 0)::bigint as action_count,
        coalesce(sum(query_count), 0)::bigint as query_count,
        coalesce(sum(error_count), 0)::bigint as error_count,
        coalesce(sum(active_day_count), 0)::bigint as active_day_count,
        bool_and(is_anonymous) as is_anonymous,
        bool_or(is_bot) as is_bot,
        coalesce(sum(timed_session_count), 0)::bigint as timed_session_count,
        coalesce(sum(round(total_duration_seconds * 1000000)::bigint), 0) / 1000000.0
            as total_duration_seconds,
        arg_min(device_type, age) as device_type,
        arg_min(model_group, age) as model_group,
        list_slice(
            coalesce(
                flatten(list(newest_sessions order by age) filter (newest_sessions is not null)),
                []
            ),
            1, $pattern_sessions::bigint
        ) as newest_sessions
    from known
    group by user_id
)

select * from final
order by user_id
