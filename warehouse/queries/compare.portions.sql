-- Measures of each cell, and of each of its 32 portions: a unit is in one by chance, always in the
-- same one.
-- grain: one cell x portion; without a portion the whole cell
select
    cell_number,
    hash($unit_id) % 32 as portion
    -- w_1, …: $measures
from grouped_sessions
group by grouping sets ((cell_number, portion), (cell_number))
