-- The local days on which a session has events. Users are counted by the event's day.
-- grain: one row per session_id and event_date
with

final as (
    select
        session_id, -- The session.
        any_value(user_id) as user_id, -- Its user.
        event_date, -- Local day.
        count(*) as event_count -- Its events on that day.
    from session_events
    group by session_id, event_date
)

select * from final
order by event_date, session_id
