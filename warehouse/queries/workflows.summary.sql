-- Runs of workflows by their name: how many were started, how they stand, how long they take. A run
-- belongs to the session that it was started in.
-- grain: one workflow
select
    runs.workflow_name,
    count(*) as started_count,
    count(*) filter (runs.status = 'completed') as completed_count,
    count(*) filter (runs.status = 'abandoned') as abandoned_count,
    count(*) filter (runs.status = 'running') as running_count,
    median(runs.duration_seconds) filter (runs.status = 'completed') as median_seconds
from workflow_executions as runs
inner join filtered_sessions on filtered_sessions.session_id = runs.session_id
group by runs.workflow_name
order by started_count desc, runs.workflow_name asc nulls last
