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
        node,
        sum(session_count) as session_count
    from (
        select step_number, node, session_count
        from counted_steps
        union all
        -- Nobody is counted at the step after the last one, but for how they came to it.
        select step_number + 1 as step_number, next_node as node, session_count
        from counted_steps
        where step_number = $depth and next_node is not null
    )
    group by step_number, node
) as nodes
left join user_counts
    on nodes.step_number = user_counts.step_number and nodes.node = user_counts.node
where $minimum_users <= 1 or user_counts.user_count >= $minimum_users
qualify node_rank <= $top
