-- Days of a session on which it has an event in the scope.
-- grain: one row per session_id and event_date
select days.*
from overnight_days as days
semi join scope_events as events
    on events.session_id = days.session_id and events.event_date = days.event_date
