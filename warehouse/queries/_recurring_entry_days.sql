-- The local days on which users were there in sessions that the conditions take.
-- grain: session x local date
select
    user_key,
    event_date as entry_date,
    dimension_value
from active_days
