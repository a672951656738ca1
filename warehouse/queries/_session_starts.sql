-- The first events of sessions, and whether the conditions take the session: a user's first event
-- is one of them. Who came first ever, the first session of each user tells.
-- grain: one session
select
    session_id,
    user_id,
    user_key as who,
    start_time as event_time,
    start_date as event_date,
    1 as event_number,
    is_taken,
    dimension_value
from told_sessions
where $entry <> 'first' or is_new_user
