-- The rejected rows of a delimited file as they stood in it. Such rows are known by their line
-- alone, which is looked up in the file again; but what is kept of those that were cut.
-- grain: one row per rejected row
with rejected as (
    select
        rejected_rows.*,
        row_number() over () as number,
        coalesce(row_lines.breaks, 0) as breaks
    from rejected_rows
    left join row_lines on row_lines.line = rejected_rows.line and not is_broken
),

filled_lines as (
    select line, row_number() over (order by line) as rank
    from lines
    where text is not null
),

-- A row whose line cannot be told is kept as it was read.
placed as (
    select
        rejected.number,
        rejected.reason,
        rejected.breaks,
        rejected.is_cut,
        coalesce(filled_lines.line, rejected.line) as line,
        case when rejected.is_cut or filled_lines.line is null then rejected.raw end as raw
    from rejected
    left join filled_lines on filled_lines.rank = rejected.line and not is_broken
)

select
    any_value(placed.line) as line,
    any_value(placed.reason) as reason,
    case
        when bool_or(placed.is_cut) then any_value(placed.raw)
        else coalesce(
            any_value(placed.raw),
            string_agg(coalesce(lines.text, ''), chr(10) order by lines.line)
        )
    end as raw,
    bool_or(placed.is_cut) as is_cut
from placed
left join lines on lines.line between placed.line and placed.line + placed.breaks
group by placed.number
