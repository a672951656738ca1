-- What is known of users from sessions that were pruned; nobody before the first prune. What an
-- earlier Dwell did not keep is null.
-- grain: one row per user_id
with

columns_named as (
    select
        null::varchar as user_id,
        null::timestamp as first_event_time,
        null::timestamp as last_event_time,
        null::bigint as session_count,
        null::bigint as event_count,
        null::bigint as action_count,
        null::bigint as query_count,
        null::bigint as error_count,
        null::bigint as active_day_count,
        null::boolean as is_anonymous,
        null::boolean as is_bot,
        null::bigint as timed_session_count,
        null::double as total_duration_seconds,
        null::varchar as device_type,
        null::varchar as model_group,
        null::struct(
            session_id varchar,
            start_time timestamp,
            duration_seconds double,
            is_suspect boolean,
            action_count bigint,
            error_count bigint
        )[] as newest_sessions
    where false
)

select * from columns_named
union all by name
select * from kept_users
