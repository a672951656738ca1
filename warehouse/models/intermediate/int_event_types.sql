-- Says of every event type what it counts as, and where it stands among equal times. The numbers
-- stand for the types while events are sorted and summed up, where texts are dear.
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
        list_contains(stg_settings.idle_events, met.event_type) as is_idle,
        list_contains(stg_settings.leave_events, met.event_type) as is_leave,
        list_contains(stg_settings.starts, met.event_type) as is_start,
        list_contains(stg_settings.ends, met.event_type) as is_end,
        case
            when
                met.event_type = 'session_start'
                or list_contains(stg_settings.starts, met.event_type)
                then 0
            when
                met.event_type = 'session_end'
                or list_contains(stg_settings.ends, met.event_type)
                then 2
            else 1
        end as order_rank
    from met
    cross join stg_settings
)

select * from final
