-- What paths can start from: the pages and event types that most sessions have.
-- grain: one page or event type
select
    node,
    sum(session_count)::bigint as session_count
from (
    select
        session_count,
        unnest(list_distinct(path)) as node
    from counted_paths
)
group by node
order by session_count desc, node asc
limit $row_limit
