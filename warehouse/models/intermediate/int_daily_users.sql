-- Users with an event on the day, bots left out: by stream, and those of all streams, each once.
-- scope: day
-- grain: one row per stream and event_date
select
    coalesce(session_days.stream, 'all') as stream,
    event_date,
    count(distinct user_id) as unique_users
from session_days
where not is_bot
group by grouping sets ((session_days.stream, event_date), (event_date))
