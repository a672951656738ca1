-- Says of every event type what it counts as. The numbers stand for the types where they are
-- summed up.
-- scope: session
-- grain: one row per event_type
with

types_seen as (
    select distinct event_type
    from stg_events
),

final as (
    select
        types_seen.event_type,
        row_number() over (order by types_seen.event_type) as type_number,
        types_seen.event_type = 'page_view' as is_view,
        types_seen.event_type = 'workflow_start' as is_workflow_start,
        types_seen.event_type = 'workflow_complete' as is_workflow_complete,
        not list_contains(stg_settings.passive_events, types_seen.event_type) as is_action,
        list_contains(stg_settings.query_events, types_seen.event_type) as is_query,
        list_contains(stg_settings.error_events, types_seen.event_type) as is_error,
        list_contains(stg_settings.leave_events, types_seen.event_type) as is_leave,
        list_contains(stg_settings.ends, types_seen.event_type) as is_end
    from types_seen
    cross join stg_settings
)

select * from final
