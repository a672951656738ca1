-- Sessions by one dimension: the $row_limit largest values, then all others in one row.
-- grain: one value of $dimension
select
    case when value_rank is null then 'Other' else dimension_key end as value,
    session_count / sum(session_count) over () as session_rate,
    value_rank is null as is_other,
    measured_sessions.* exclude (day_key, value_rank, dimension_key)
from measured_sessions
order by value_rank nulls last
