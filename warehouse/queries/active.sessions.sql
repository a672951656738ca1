-- Open sessions, last activity first.
-- grain: one session
select
    session_id,
    user_id,
    start_time,
    end_time,
    -- A clock that runs ahead may date the last event after as_of.
    greatest(date_diff('microsecond', end_time, $as_of::timestamp), 0) / 1e6
        as idle_seconds,
    duration_seconds,
    end_time >= $as_of::timestamp - $live_window::interval as is_live,
    event_count,
    action_count,
    error_count,
    exit_page,
    device_type,
    model_group,
    session_number
from scoped_sessions
where is_open
order by end_time desc, session_id asc
