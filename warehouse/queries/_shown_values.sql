-- The $row_limit values of the dimension with the most sessions, ties by alphabet; none when
-- sessions are not broken down. $contains looks for values with that text, in any case.
-- grain: one value
select
    dimension_key,
    row_number() over (order by count(*) desc, dimension_key asc nulls last) as value_rank
from valued_sessions
where
    $is_broken_down
    and ($contains::varchar is null or contains(lower(dimension_key), lower($contains::varchar)))
group by dimension_key
qualify value_rank <= $row_limit
