-- Events of workflows, with the run and the step they tell of. A run without an id is told from
-- others of its name in the session by the start before it.
-- grain: one row per source and event_id
with

named as (
    select
        source,
        user_id,
        session_id,
        event_time,
        event_type,
        event_number,
        coalesce(properties ->> '$.workflow_id', properties ->> '$.id') as given_id,
        coalesce(
            properties ->> '$.name', properties ->> '$.workflow', properties ->> '$.workflow_name'
        ) as workflow_name,
        coalesce(properties ->> '$.step', properties ->> '$.last_step') as step
    from int_sessionised_events
    where event_type in ('workflow_start', 'workflow_step', 'workflow_complete')
),

final as (
    select
        * exclude (given_id),
        coalesce(
            given_id,
            concat_ws(
                '-',
                session_id,
                workflow_name,
                count(*) filter (event_type = 'workflow_start') over (
                    partition by source, session_id, workflow_name order by event_number
                )
            )
        ) as workflow_id
    from named
)

select * from final
