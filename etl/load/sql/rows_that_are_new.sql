-- The rows of a chunk that are new events, in their order.
-- grain: one row per new event
select numbered_rows.* exclude (row)
from numbered_rows
semi join new_rows using (row)
order by numbered_rows.row
