-- Times of events of the build that were still to come when it was made.
-- grain: one row per time
select distinct event_time
from built_events
where event_time > $as_of::timestamp
