-- Sessions with all their dimensions: those that are no column of user_sessions have their line
-- here. What is not asked for falls away when the query is planned.
-- grain: one session
select
    *,
    -- What an older build does not have: $lacking
    start_hour::bigint as hour,
    isodow(start_date) as weekday
from int_counted_sessions
