-- How many sessions took each step of their path: at a node, and at which one after it. Each of the
-- steps is looked at by itself, which is half the work of laying all of a path out in rows.
-- grain: one step, node and next node; null where the path ends
$steps_of_paths
