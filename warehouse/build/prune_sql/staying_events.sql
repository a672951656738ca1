-- Events before the cut whose session stays.
-- grain: one row per source and event_id
select
    session_events.source,
    session_events.event_id,
    session_events.event_time::date::varchar as event_day
from session_events
anti join leaving_sessions on leaving_sessions.session_id = session_events.session_id
where session_events.event_time < $time::timestamp
