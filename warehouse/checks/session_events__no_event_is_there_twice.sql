-- Events that are there more than once.
select
    source,
    event_id,
    count(*) as row_count
from session_events
group by source, event_id
having count(*) > 1
