-- The local days of users' first events in sessions that the conditions take. In which of a day's
-- sessions it was is not known here: see event_entries.
-- grain: user
select
    user_key,
    min(event_date) as entry_date,
    null as dimension_value
from active_days
group by user_key
