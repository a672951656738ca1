-- Sessions with all their dimensions: those that are no column of user_sessions by the same name
-- have their line here. What is not asked for falls away when the query is planned.
-- grain: one session
select
    *,
    sources as source,
    tags as tag,
    assets as asset,
    query_types as query_type,
    hour(timezone($time_zone, timezone('UTC', start_time))) as hour,
    isodow(start_date) as weekday
from int_counted_sessions
