-- The rejected rows with the line of the file on which each begins.
-- grain: one row per rejected row
with

filled_lines as (
    select
        line,
        row_number() over (order by line) as rank
    from lines
    where text is not null
),

placed as (
    select
        rejected_places.place + coalesce(sum(row_lines.filled_breaks), 0) as rank,
        rejected_places.reason,
        rejected_places.raw
    from rejected_places
    left join row_lines
        on row_lines.place < rejected_places.place and row_lines.breaks > 0
    group by rejected_places.place, rejected_places.reason, rejected_places.raw
)

select
    filled_lines.line,
    placed.reason,
    placed.raw
from placed
inner join filled_lines on filled_lines.rank = placed.rank
