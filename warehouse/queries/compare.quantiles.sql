-- Quantiles of the sessions of each cell.
-- grain: one cell
select
    cell_number
    -- q_1, …, each a list: $quantiles
from grouped_sessions
group by cell_number
