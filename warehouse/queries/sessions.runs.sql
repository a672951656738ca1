-- Runs of workflows that were started in a session.
-- grain: one run
select
    runs.workflow_id,
    runs.workflow_name,
    runs.status,
    runs.last_step,
    runs.start_time,
    runs.end_time,
    date_diff('microsecond', sessions.start_time, runs.start_time) / 1e6 as seconds_since_start,
    runs.duration_seconds
from workflow_executions as runs
inner join user_sessions as sessions on sessions.session_id = runs.session_id
where runs.session_id = $session_id
order by runs.start_time, runs.source, runs.workflow_id
