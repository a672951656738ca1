-- The $row_limit values of the dimension that most enter with, ties by alphabet; none when cohorts
-- are not broken down.
-- grain: one value
select
    dimension_key,
    row_number() over (
        order by count(distinct member) desc, dimension_key asc nulls last
    ) as value_rank
from (select member, $dimension_key as dimension_key from $entries where $is_broken_down)
group by dimension_key
qualify value_rank <= $row_limit
