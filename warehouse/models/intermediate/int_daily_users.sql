-- Users with an event on the day, bots left out.
-- scope: day
-- grain: one row per stream and event_date
select
    stream,
    event_date,
    count(distinct user_id) as unique_users
from session_days
where not is_bot
group by stream, event_date
