-- The local days on which a session has events, of sessions that go on past midnight.
-- scope: session
-- key: session_id
-- key of user: user_id
-- key of day: event_date
-- grain: one row per session_id and event_date
with

final as (
    select
        sessions.session_id, -- The session.
        sessions.stream, -- inactivity or tracker.
        sessions.user_id, -- Its user.
        sessions.is_bot, -- An event of the session came from a bot.
        events.event_date, -- Local day.
        count(*) as event_count -- Its events on that day.
    from session_events as events
    inner join int_sessions as sessions on sessions.session_id = events.session_id
    where sessions.start_date <> sessions.end_date
    group by
        sessions.session_id, sessions.stream, sessions.user_id, sessions.is_bot, events.event_date
)

select * from final
order by event_date, session_id
