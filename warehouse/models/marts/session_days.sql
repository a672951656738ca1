-- The local days on which a session has events. Users are counted by the event's day.
-- kept as: view
-- grain: one row per session_id and event_date
with

final as (
    select
        session_id, -- The session.
        stream, -- inactivity or tracker.
        user_id, -- Its user.
        is_bot, -- An event of the session came from a bot.
        start_date as event_date, -- Local day.
        event_count -- Its events on that day.
    from user_sessions
    where start_date = end_date
    union all
    select
        session_id,
        stream,
        user_id,
        is_bot,
        event_date,
        event_count
    from overnight_days
)

select * from final
