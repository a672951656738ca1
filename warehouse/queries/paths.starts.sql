-- What paths can start from: the pages and event types that most sessions have.
-- grain: one page or event type
select
    node,
    count(*) as session_count
from (select unnest(list_distinct(path)) as node from session_paths)
group by node
order by session_count desc, node asc
limit $row_limit
