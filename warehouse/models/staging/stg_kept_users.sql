-- What is known of users from sessions that were pruned; nobody before the first prune.
-- grain: one row per user_id
select
    user_id,
    first_event_time,
    last_event_time,
    session_count,
    event_count,
    action_count,
    query_count,
    error_count,
    active_day_count,
    is_anonymous,
    is_bot,
    timed_session_count,
    total_duration_seconds,
    device_type,
    model_group,
    newest_sessions
from kept_users
