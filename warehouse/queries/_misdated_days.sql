-- Days of files with events that are later than their load: an hour or more, so that clocks may
-- differ a little. Of a file whose rows were rejected as over 24 hours ahead (20 or more, and one
-- in a hundred) all days are meant: on which of them those are missing is not known.
-- grain: one span of local days of a file
with

loads as (
    select
        source,
        file,
        parse_filename(replace(file, chr(92), '/')) as file_name,
        rows_read,
        timezone($time_zone, timezone('UTC', loaded_at)) as loaded_at,
        timezone($time_zone, timezone('UTC', first_event_time)) as first_event_time,
        timezone($time_zone, timezone('UTC', last_event_time)) as last_event_time
    from load_runs
    where status = 'loaded'
)

select
    source,
    greatest(loaded_at, first_event_time)::date as first_date,
    last_event_time::date as last_date,
    format(
        '{} has events up to {:,} h ahead of its load',
        file_name,
        ceil(epoch(last_event_time - loaded_at) / 3600)::bigint
    ) as evidence
from loads
where last_event_time >= loaded_at + interval 1 hour
union all
select
    loads.source,
    coalesce(loads.first_event_time, loads.loaded_at)::date as first_date,
    coalesce(loads.last_event_time, loads.loaded_at)::date as last_date,
    format(
        '{:,} rows of {} are over 24 h ahead of their load and were rejected',
        rejected_summary.row_count,
        loads.file_name
    ) as evidence
from rejected_summary
inner join loads
    on loads.source = rejected_summary.source and loads.file = rejected_summary.file
where
    rejected_summary.reason = 'time over 24 h ahead'
    and rejected_summary.row_count >= greatest(20, loads.rows_read / 100)
