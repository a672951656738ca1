-- The values of the crossed dimension with the most sessions of the groups, ties by alphabet.
-- grain: one value
with

valued as (
    select $segment as segment
    from grouped_sessions
)

select
    segment,
    count(*) as session_count
from valued
where segment is not null
group by segment
order by session_count desc, segment
limit $row_limit
