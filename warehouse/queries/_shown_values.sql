-- The $row_limit values of $dimension with the most sessions, ties by alphabet; none when
-- sessions are not broken down.
-- grain: one value
select
    dimension_key,
    row_number() over (order by count(*) desc, dimension_key asc nulls last) as value_rank
from filtered_sessions
where $dimension is not null
group by dimension_key
qualify value_rank <= $row_limit
