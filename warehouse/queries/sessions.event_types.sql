-- How many events of each type a session has, most first.
-- grain: one event type
select
    event_type,
    count(*) as event_count
from events_of_session
group by event_type
order by event_count desc, event_type
