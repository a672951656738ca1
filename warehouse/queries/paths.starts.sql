-- What paths can start from: the pages and event types that most sessions have.
-- grain: one page or event type
select
    node,
    count(*) as session_count
from (
    -- Where a node stands for the first time: quicker than to make lists of different ones.
    select unnest(
        list_filter(path, lambda node, place: list_position(path, node) = place)
    ) as node
    from session_paths
)
group by node
order by session_count desc, node asc
limit $row_limit
