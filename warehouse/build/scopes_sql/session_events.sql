-- Events that are in the scope: of sessions that its conditions take, and of the sources that it
-- names.
-- grain: one row per source and event_id
select events.*
from session_events as events
semi join taken_sessions as taken on taken.session_id = events.session_id
where $source_holds
