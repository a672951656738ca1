-- The $top nodes that most sessions have at each step, ties by alphabet, of those that
-- $minimum_users reach. All others of the step are Other.
-- grain: one step and node
select
    counted_nodes.step_number,
    counted_nodes.node,
    row_number() over (
        partition by counted_nodes.step_number
        order by counted_nodes.session_count desc, counted_nodes.node asc
    ) as node_rank
from counted_nodes
left join user_counts
    on
        user_counts.step_number = counted_nodes.step_number
        and user_counts.node = counted_nodes.node
where $minimum_users <= 1 or user_counts.user_count >= $minimum_users
qualify node_rank <= $top
