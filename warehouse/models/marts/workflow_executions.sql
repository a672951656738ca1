-- Runs of workflows: completed, abandoned when their session closed before, or still running.
-- scope: workflow
-- key: source, workflow_id
-- grain: one row per source and workflow_id
with

runs_summed as (
    select
        source,
        workflow_id,
        arg_min(user_id, event_time) as user_id,
        arg_min(session_id, event_time) as session_id,
        arg_min(workflow_name, event_time) as workflow_name,
        min(event_time) as start_time,
        max(event_time) as end_time,
        bool_or(event_type = 'workflow_complete') as is_completed,
        arg_max(step, event_time) as last_step
    from workflow_events
    group by source, workflow_id
),

final as (
    select
        runs.workflow_id, -- With source the primary key.
        runs.source, -- Name of the source.
        runs.user_id, -- Who started it.
        runs.session_id, -- The session it was started in.
        runs.workflow_name, -- As the source names it.
        runs.start_time, -- UTC.
        runs.end_time, -- Last event of the run, UTC.
        case
            when runs.is_completed then 'completed'
            when user_sessions.is_open then 'running'
            else 'abandoned'
        end as status, -- completed, abandoned or running.
        runs.last_step, -- The last step told.
        (epoch_us(runs.end_time) - epoch_us(runs.start_time)) / 1000000.0
            as duration_seconds -- Time spent.
    from runs_summed as runs
    inner join user_sessions on user_sessions.session_id = runs.session_id
)

select * from final
order by start_time, source, workflow_id
