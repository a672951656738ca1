-- How many users reached each node at each step; nobody is counted unless $minimum_users asks.
-- grain: one step and node
select
    step_number,
    path[$sign * step_number] as node,
    count(distinct user_key) as user_count
from session_paths
cross join (select unnest(generate_series(1, $depth + 1)) as step_number) as steps
where $minimum_users > 1 and step_number <= len(path)
group by all
