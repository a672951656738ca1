-- The rows that the engine read, each with its place: its number and the rejects before it.
-- grain: one row per row read
with

rejects as (
    select
        place - rank as after_row,
        max(rank) as rejects_before
    from rejected_places
    group by after_row
)

select
    rows_read.*,
    rows_read.number + $skipped + coalesce(rejects.rejects_before, 0) as place
from rows_read
asof left join rejects on rows_read.number + $skipped > rejects.after_row
