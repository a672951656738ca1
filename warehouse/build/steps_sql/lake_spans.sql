-- When the first and the last event of each batch was.
-- grain: one row per batch that has events
select
    number,
    first_event_time::timestamp as first_event_time,
    last_event_time::timestamp as last_event_time
from lake_batches
where first_event_time is not null
