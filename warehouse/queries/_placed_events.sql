-- Events of all sessions. By its place a session is told from those around it.
-- grain: one event
select
    *,
    (hash(session_id) >> 1)::bigint as session_place
from session_events
