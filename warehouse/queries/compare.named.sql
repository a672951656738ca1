-- The groups with the most sessions, ties by alphabet; sessions of no group are in none.
-- grain: one group
select
    dimension_key as group_name,
    count(*) as session_count
from valued_sessions
where dimension_key is not null
group by dimension_key
order by session_count desc, group_name
limit $row_limit
