-- Abandoned runs of workflows, newest first.
-- grain: one run
select *
from abandoned_runs
order by start_time desc, workflow_id
limit $row_limit
