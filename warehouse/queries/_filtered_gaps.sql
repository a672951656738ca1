-- Gaps between the events of the sessions that the filters take.
-- grain: one event that is not its session's first
select
    events.session_id,
    events.event_number,
    events.source,
    events.gap_seconds
from session_events as events
semi join filtered_sessions as sessions on sessions.session_id = events.session_id
where events.gap_seconds is not null
