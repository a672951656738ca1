-- Events of workflows, with the run and the step they tell of. A run without an id is told from
-- others of its name in the session by the start before it.
-- scope: session
-- key: session_id
-- key of workflow: source, workflow_id
-- grain: one row per source and event_id
with

events_chosen as (
    select
        session_id,
        user_id,
        source,
        event_id,
        event_time,
        event_type,
        event_number,
        properties
    from session_events
    where event_type in ('workflow_start', 'workflow_step', 'workflow_complete')
),

named as (
    select
        * exclude (properties),
        coalesce(properties ->> '$.workflow_id', properties ->> '$.id') as given_id,
        coalesce(
            properties ->> '$.name', properties ->> '$.workflow', properties ->> '$.workflow_name'
        ) as workflow_name,
        coalesce(properties ->> '$.step', properties ->> '$.last_step') as step
    from events_chosen
),

final as (
    select
        source, -- Name of the source.
        event_id, -- With source the primary key.
        coalesce(
            given_id,
            concat_ws(
                '-',
                session_id,
                workflow_name,
                count(case when event_type = 'workflow_start' then 1 end) over (
                    partition by source, session_id, workflow_name order by event_number
                )
            )
        ) as workflow_id, -- The run.
        session_id, -- The session the event is in.
        user_id, -- Its user.
        event_time, -- UTC.
        event_type, -- workflow_start, workflow_step or workflow_complete.
        workflow_name, -- As the source names it.
        step -- The step told.
    from named
)

select * from final
order by source, workflow_id, event_time
