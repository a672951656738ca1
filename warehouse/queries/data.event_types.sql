-- The types of the events, and how many there are of each.
-- grain: one type
select
    event_type,
    count(*) as event_count
from session_events
group by event_type
order by event_count desc, event_type asc
