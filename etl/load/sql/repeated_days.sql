-- The days of the rows of a chunk that are no new events, file by file.
-- grain: one row per file and UTC day
select
    place,
    day,
    sum(row_count)::bigint as row_count
from (
    select
        line >> 40 as place,
        event_time::date as day,
        count(*) as row_count
    from rows_typed
    where reason is null
    group by all
    union all
    select
        line >> 40 as place,
        event_time::date as day,
        -count(*) as row_count
    from rows_new
    group by all
) as counted
group by place, day
having sum(row_count) > 0
