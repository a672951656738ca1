-- Sessions and their users by one dimension: the $row_limit values with the most sessions, then
-- all others in one row. Where a session may have several values it counts in each, and once among
-- the others.
-- grain: one value of the dimension
with

active_values as (
    select
        user_id,
        $dimension_key as dimension_key
    from active_days
    where $counts_users
),

users_counted as (
    select
        shown_values.value_rank,
        count(distinct active_values.user_id) as user_count
    from active_values
    left join shown_values
        on active_values.dimension_key is not distinct from shown_values.dimension_key
    group by shown_values.value_rank
)

select
    measured_sessions.dimension_key as value,
    measured_sessions.value_rank is null as is_other,
    coalesce(users_counted.user_count, 0) as user_count,
    measured_sessions.* exclude (day_key, value_rank, dimension_key)
from measured_sessions
left join users_counted
    on measured_sessions.value_rank is not distinct from users_counted.value_rank
order by measured_sessions.value_rank nulls last
