-- Users with an event on the day, bots left out.
-- grain: one row per stream and event_date
select
    user_sessions.stream,
    session_days.event_date,
    count(distinct session_days.user_id) as unique_users
from session_days
inner join user_sessions on user_sessions.session_id = session_days.session_id
where not user_sessions.is_bot
group by user_sessions.stream, session_days.event_date
