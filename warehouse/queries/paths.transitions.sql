-- How often sessions went from one node to another, whatever the step; each visit to a node goes on
-- to one other, or out of the session. Nodes beyond the $top with the most visits are Other.
-- grain: one node and next node
with

steps_counted as (
    select
        node,
        next_node,
        count(*) as transition_count
    from (
        select
            unnest(path) as node,
            unnest(list_append(path[2:], null)) as next_node
        from session_paths
    )
    group by all
),

nodes_shown as (
    select
        node,
        row_number() over (order by sum(transition_count) desc, node asc) as node_rank
    from steps_counted
    group by node
    qualify node_rank <= $top
),

cells as (
    select
        coalesce(here.node, 'Other') as node,
        coalesce(here.node_rank, $top + 1) as node_rank,
        case when steps_counted.next_node is null then 'Exit' else coalesce(there.node, 'Other') end
            as next_node,
        case
            when steps_counted.next_node is null then $top + 2
            else coalesce(there.node_rank, $top + 1)
        end as next_rank,
        sum(steps_counted.transition_count)::bigint as transition_count
    from steps_counted
    left join nodes_shown as here on here.node = steps_counted.node
    left join nodes_shown as there on there.node = steps_counted.next_node
    group by all
)

select
    node,
    next_node,
    transition_count,
    transition_count / sum(transition_count) over (partition by node) as share
from cells
order by node_rank, next_rank
