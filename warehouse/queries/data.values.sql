-- Values of one dimension in the period, those of most sessions first; null is not known.
-- grain: one value of the dimension
select
    dimension_key as value,
    count(*) as session_count
from valued_sessions
group by dimension_key
order by session_count desc, value asc nulls last
limit $row_limit
