-- One event of a session, with all that is known of it.
-- grain: one event
select session_events.*
from session_events
inner join chosen_session as chosen
    on
        session_events.user_id = chosen.user_id
        and session_events.event_date = chosen.event_date
        and session_events.session_id = chosen.session_id
where session_events.event_number = $event_number
