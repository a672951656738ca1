-- Of those events, the ones in the scope.
-- grain: one row per source and event_id
select events.*
from workflow_events as events
semi join scope_events as within
    on within.source = events.source and within.event_id = events.event_id
