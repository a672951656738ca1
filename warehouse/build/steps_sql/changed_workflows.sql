-- Runs of workflows that have events in a session that was made anew, or had some before.
-- grain: one row per source and workflow_id
select
    source,
    workflow_id
from working.touched_workflows
union
select
    source,
    workflow_id
from workflow_events
semi join int_sessions on int_sessions.session_id = workflow_events.session_id
