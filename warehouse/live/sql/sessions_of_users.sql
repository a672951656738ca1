-- What is asked of sessions of the build when others are made anew, of the users that were found.
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
    true as is_built
from built_sessions
semi join users_found using (user_id)
