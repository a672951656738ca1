-- Events of workflows, with the run and the step they tell of.
-- grain: one row per source and event_id
select
    source,
    user_id,
    session_id,
    event_time,
    event_type,
    event_number,
    coalesce(properties ->> '$.workflow_id', properties ->> '$.id', session_id || event_number)
        as workflow_id,
    coalesce(
        properties ->> '$.name', properties ->> '$.workflow', properties ->> '$.workflow_name'
    ) as workflow_name,
    coalesce(properties ->> '$.step', properties ->> '$.last_step') as step
from int_sessionised_events
where event_type in ('workflow_start', 'workflow_step', 'workflow_complete')
