-- Sessions and their users by one dimension: the $row_limit values with the most sessions, then
-- all others in one row. Where a session may have several values it counts in each, and once among
-- the others.
-- grain: one value of the dimension
select
    shown_values.dimension_key as value,
    measured_sessions.value_rank is null as is_other,
    coalesce(counted_users.user_count, 0) as user_count,
    measured_sessions.* exclude (day_key, value_rank)
from measured_sessions
left join shown_values on measured_sessions.value_rank = shown_values.value_rank
left join counted_users
    on measured_sessions.value_rank is not distinct from counted_users.value_rank
order by measured_sessions.value_rank nulls last
