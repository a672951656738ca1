-- The days on which users were there, where days are all that matters.
-- grain: session x local date
select
    user_key as who,
    event_date::timestamp as event_time,
    event_date,
    true as is_taken
from active_days
