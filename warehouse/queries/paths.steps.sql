-- Steps of the paths that sessions took: a node, the one after it, and how many went that way.
-- Nodes beyond the $top of their step are Other, which goes on; after the last one is $path_end.
-- grain: one step, node and next node
select
    counted_steps.step_number::bigint as step_number,
    coalesce(here.node, 'Other') as node,
    case
        when counted_steps.next_node is null then $path_end
        else coalesce(there.node, 'Other')
    end as next_node,
    sum(counted_steps.session_count)::bigint as session_count
from counted_steps
left join ranked_nodes as here
    on here.step_number = counted_steps.step_number and here.node = counted_steps.node
left join ranked_nodes as there
    on
        there.step_number = counted_steps.step_number + 1
        and there.node = counted_steps.next_node
group by all
order by step_number, session_count desc, node, next_node
