-- The newest of the times ahead that is not later than now, and the next one that is.
-- grain: one row
select
    max(event_time) filter (event_time <= $now::timestamp) as as_of,
    min(event_time) filter (event_time > $now::timestamp) as next_time
from working.times_ahead
