-- Sessions with all their dimensions: those that are no column of user_sessions have their line
-- here. What is not asked for falls away when the query is planned.
-- grain: one session
select
    *,
    hour(timezone($time_zone, timezone('UTC', start_time))) as hour,
    isodow(start_date) as weekday
    -- What an older build does not have: $lacking
from int_counted_sessions
