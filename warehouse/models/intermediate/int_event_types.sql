-- Says of every event type what it counts as. The numbers stand for the types where they are
-- summed up.
-- scope: session
-- grain: one row per event_type
with

met as (
    select distinct event_type
    from stg_events
),

final as (
    select
        met.event_type,
        row_number() over () as type_number,
        met.event_type = 'page_view' as is_view,
        met.event_type = 'workflow_start' as is_workflow_start,
        met.event_type = 'workflow_complete' as is_workflow_complete,
        not list_contains(stg_settings.passive_events, met.event_type) as is_action,
        list_contains(stg_settings.query_events, met.event_type) as is_query,
        list_contains(stg_settings.error_events, met.event_type) as is_error,
        list_contains(stg_settings.leave_events, met.event_type) as is_leave,
        list_contains(stg_settings.ends, met.event_type) as is_end
    from met
    cross join stg_settings
)

select * from final
