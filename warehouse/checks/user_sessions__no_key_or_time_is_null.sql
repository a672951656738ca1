-- Sessions without a key, a user or a time.
-- scope: user
select session_id
from user_sessions
where
    session_id is null
    or user_id is null
    or user_key is null
    or stream is null
    or start_time is null
    or end_time is null
    or start_date is null
