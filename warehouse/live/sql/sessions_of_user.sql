-- The newest sessions of one user, the newest first.
-- grain: one row per session_id
select
    session_id,
    given_session_id,
    user_id,
    start_time,
    end_time,
    duration_seconds,
    is_open,
    exit_reason,
    event_count,
    action_count,
    page_view_count,
    query_count,
    error_count,
    entry_page,
    exit_page,
    device_type,
    browser,
    os,
    session_type,
    experiment_id,
    model_group,
    session_number
from user_sessions
where user_id = $user_id and (is_open or not $is_open)
order by start_time desc, session_id desc
limit $row_limit
