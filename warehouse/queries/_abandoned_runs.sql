-- Runs of workflows that were abandoned in sessions of the filters, with the step at which they
-- stopped, and how long their session went on without another. Where a run went on in a later
-- session, it is that one.
-- grain: one run
select
    runs.workflow_id,
    runs.workflow_name,
    runs.user_id,
    runs.session_id,
    runs.start_time,
    runs.last_step,
    greatest(
        (epoch_us(coalesce(ended_in.end_time, started_in.end_time)) - epoch_us(runs.end_time))
        / 1000000.0,
        0
    ) as stuck_seconds
from workflow_executions as runs
inner join filtered_sessions as started_in on started_in.session_id = runs.session_id
left join (
    select
        source,
        workflow_id,
        arg_max(session_id, event_time) as session_id
    from workflow_events
    group by all
) as last_events
    on last_events.source = runs.source and last_events.workflow_id = runs.workflow_id
left join user_sessions as ended_in on ended_in.session_id = last_events.session_id
where
    runs.status = 'abandoned'
    and ($session_id::varchar is null or runs.session_id = $session_id::varchar)
    and ($workflow_name::varchar is null or runs.workflow_name = $workflow_name::varchar)
    and ($user_id::varchar is null or runs.user_id = $user_id::varchar)
