-- Rows of one table that came and went between two builds, by local day and source.
-- grain: local day x source of a table, where a row differs
with

changed as (
    select
        $day as date,
        $source_of as source,
        coalesce(sum(copies) filter (copies > 0), 0)::bigint as added,
        coalesce(-sum(copies) filter (copies < 0), 0)::bigint as removed
    from changed_rows
    group by all
    -- A table without day and source is one group even where nothing changed.
    having count(*) > 0
),

counted as (
    select
        $day as date,
        $source_of as source,
        count(*) as row_count
    from ($counting)
    where coalesce($day, date '0001-01-01') in (
        select coalesce(changed.date, date '0001-01-01') from changed
    )
    group by all
)

select
    $table as "table",
    changed.date::date as date,
    changed.source::varchar as source,
    coalesce(counted.row_count, 0) - changed.added + changed.removed as before,
    coalesce(counted.row_count, 0) as after,
    changed.added,
    changed.removed
from changed
left join counted
    on
        changed.date is not distinct from counted.date
        and changed.source is not distinct from counted.source
order by changed.date, changed.source
