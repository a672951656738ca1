-- One event of a session, with all that is known of it.
-- grain: one event
select *
from session_events
where
    session_id = $session_id
    and event_number = $event_number
    and user_id = (select user_id from user_sessions where session_id = $session_id)
