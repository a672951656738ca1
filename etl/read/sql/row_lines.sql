-- The rows with the first of their lines, counted without blank ones: a row's place, and the line
-- breaks in quoted fields before it.
-- grain: one row per row read
select
    *,
    place + coalesce(sum(filled_breaks) over (
        order by place rows between unbounded preceding and 1 preceding
    ), 0)::bigint as line
from rows_placed
