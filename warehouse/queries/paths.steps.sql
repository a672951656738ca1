-- Steps of the paths that sessions took: a node, the one after it, and how many went that way.
-- Nodes beyond the $top of their step are Other, which goes on; after the last one is $path_end.
-- grain: one step, node and next node
with

steps_taken as (
    select
        steps.step_number,
        counted_paths.path[steps.step_number] as node,
        counted_paths.path[steps.step_number + 1] as next_node,
        counted_paths.session_count
    from counted_paths
    cross join (select unnest(generate_series(1, $depth)) as step_number) as steps
    where steps.step_number <= len(counted_paths.path)
)

select
    steps_taken.step_number::bigint as step_number,
    coalesce(here.node, 'Other') as node,
    case
        when steps_taken.next_node is null then $path_end
        else coalesce(there.node, 'Other')
    end as next_node,
    sum(steps_taken.session_count)::bigint as session_count
from steps_taken
left join ranked_nodes as here
    on here.step_number = steps_taken.step_number and here.node = steps_taken.node
left join ranked_nodes as there
    on there.step_number = steps_taken.step_number + 1 and there.node = steps_taken.next_node
group by all
order by step_number, session_count desc, node, next_node
