-- The $top nodes that most sessions have at each step, ties by alphabet, of those that
-- $minimum_users reach. All others of the step are Other.
-- grain: one step and node
select
    nodes.step_number,
    nodes.node,
    row_number() over (
        partition by nodes.step_number order by nodes.session_count desc, nodes.node asc
    ) as node_rank
from (
    select
        step_number,
        path[step_number] as node,
        sum(session_count) as session_count
    from counted_paths
    cross join (select unnest(generate_series(1, $depth + 1)) as step_number) as steps
    where step_number <= len(path)
    group by all
) as nodes
left join user_counts
    on nodes.step_number = user_counts.step_number and nodes.node = user_counts.node
where $minimum_users <= 1 or user_counts.user_count >= $minimum_users
qualify node_rank <= $top
