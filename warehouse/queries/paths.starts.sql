-- What paths can start from: the pages and event types that most sessions have.
-- grain: one page or event type
select
    node,
    count(*) as session_count
from (
    select
        path,
        unnest(path) as node,
        generate_subscripts(path, 1) as node_number
    from session_paths
)
-- Where a node stands for the first time: quicker than to make lists of different ones.
where list_position(path, node) = node_number
group by node
order by session_count desc, node asc
limit $row_limit
