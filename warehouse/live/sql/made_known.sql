-- What is asked of sessions that were made here when others are made anew, of changed users.
-- grain: one row per session_id
select
    session_id,
    stream,
    given_session_id,
    sources,
    user_id,
    user_key,
    start_time,
    end_time,
    event_count,
    session_number,
    is_open,
    false as is_built
from working.user_sessions
where user_id in (select user_id from working.changed_users)
