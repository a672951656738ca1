-- Runs of workflows that have events in a touched session, as the last build had them.
-- grain: one row per source and workflow_id
select distinct
    source,
    workflow_id
from workflow_events
semi join working.touched_sessions as touched on touched.session_id = workflow_events.session_id
