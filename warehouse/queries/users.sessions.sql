-- Sessions of one user, newest first, with the columns of user_sessions.
-- grain: one session
select * exclude (
    bounced, had_error, abandoned, had_one_event, timed_seconds, timed_engaged_seconds,
    dimension_key, dimension_keys
)
from filtered_sessions
where user_id = $user_id
order by start_time desc, session_number desc, session_id asc
