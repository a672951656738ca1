-- How many sessions are at each node at each step. A step is looked at by itself, which is half the
-- work of laying paths out in rows: there is one select for each.
-- grain: one step and node
select *
from $nodes_of_paths
