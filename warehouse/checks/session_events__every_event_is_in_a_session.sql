-- Events whose session is not there.
select session_events.event_id
from session_events
anti join user_sessions on user_sessions.session_id = session_events.session_id
