-- Steps of the paths that sessions took: a node, the one after it, and how many went that way.
-- Nodes beyond the $top of their step are Other, which goes on; after the last one is $path_end.
-- grain: one step, node and next node
select
    counted_steps.step_number::bigint as step_number,
    coalesce(here.node, 'Other') as node,
    case
        when counted_steps.next_rank is null then $path_end
        else coalesce(there.node, 'Other')
    end as next_node,
    counted_steps.session_count
from counted_steps
left join ranked_nodes as here
    on
        here.step_number = counted_steps.step_number
        and here.node_rank = counted_steps.node_rank
left join ranked_nodes as there
    on
        there.step_number = counted_steps.step_number + 1
        and there.node_rank = counted_steps.next_rank
order by step_number, counted_steps.session_count desc, node, next_node
