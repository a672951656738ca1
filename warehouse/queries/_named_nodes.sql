-- The nodes of each step that are named, as a list in their order.
-- grain: one step
select
    steps.step_number,
    list(ranked_nodes.node order by ranked_nodes.node_rank)
        filter (ranked_nodes.node is not null) as names
from (select unnest(generate_series(1, $depth + 1)) as step_number) as steps
left join ranked_nodes on ranked_nodes.step_number = steps.step_number
group by steps.step_number
