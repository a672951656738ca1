-- At which step abandoned runs of each workflow stopped, and how long their sessions went on.
-- grain: one workflow and step
select
    workflow_name,
    last_step,
    count(*) as abandoned_count,
    median(stuck_seconds) as median_stuck_seconds,
    quantile_cont(stuck_seconds, 0.9) as p90_stuck_seconds
from abandoned_runs
group by workflow_name, last_step
order by workflow_name asc nulls last, abandoned_count desc, last_step asc nulls last
