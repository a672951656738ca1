-- Visitors who have new events.
-- grain: one row per source and anonymous_id
select distinct
    source,
    anonymous_id
from working.new_events
where anonymous_id is not null
