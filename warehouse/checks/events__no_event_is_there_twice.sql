-- Events of a piece that are there more than once.
-- scope: session
select
    source,
    event_id,
    count(*) as row_count
from lake_events
group by source, event_id
having count(*) > 1
