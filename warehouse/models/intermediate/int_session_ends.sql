-- Why sessions ended, where a session_end tells it.
-- scope: session
-- grain: one row per session_id
with

ends_chosen as (
    select
        session_id,
        event_number,
        properties
    from session_events
    where event_type = 'session_end'
),

final as (
    select
        session_id,
        arg_max(
            coalesce(properties ->> '$.exit_reason', properties ->> '$.reason', ''), event_number
        ) as given_reason
    from ends_chosen
    group by session_id
)

select * from final
