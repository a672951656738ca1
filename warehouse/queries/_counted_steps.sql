-- How many sessions took each step, told by the ranks of its two nodes: 0 is Other, and there is no
-- next one where a path ends. So few rows are left to put names to.
-- grain: one step, node and next node
select *
from $steps_of_paths
