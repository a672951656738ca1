-- Days of files with events that are later than their load: an hour or more, so that clocks may
-- differ a little. Of a file whose rows were rejected as over 24 hours ahead (20 or more, and one
-- in a hundred) all days are meant: on which of them those are missing is not known. A file that
-- grew was loaded several times, and is told once.
-- grain: one span of local days of a file
with

-- Hours are told in UTC, since local clocks skip some and have others twice.
loads as (
    select
        source,
        file,
        parse_filename(replace(file, chr(92), '/')) as file_name,
        rows_read,
        loaded_at,
        first_event_time,
        last_event_time
    from load_runs
    where status = 'loaded'
),

ahead_days as (
    select
        source,
        file,
        file_name,
        local_date,
        max(ahead_time) as ahead_time
    from (
        select
            *,
            last_event_time - loaded_at as ahead_time,
            greatest(loaded_at, first_event_time) as ahead_from,
            unnest(generate_series(
                timezone($time_zone, timezone('UTC', ahead_from))::date,
                timezone($time_zone, timezone('UTC', last_event_time))::date,
                interval 1 day
            ))::date as local_date
        from loads
        where last_event_time >= loaded_at + interval 1 hour
    ) as load_days
    group by source, file, file_name, local_date
),

-- Days in a row have one first day in common: their date less their number.
ahead_runs as (
    select
        *,
        local_date - (
            row_number() over (partition by source, file order by local_date)
        )::int as run
    from ahead_days
),

files as (
    select
        source,
        file,
        file_name,
        sum(rows_read) as rows_read,
        coalesce(min(first_event_time), min(loaded_at)) as first_time,
        coalesce(max(last_event_time), max(loaded_at)) as last_time
    from loads
    group by source, file, file_name
)

select
    source,
    min(local_date) as first_date,
    max(local_date) as last_date,
    format(
        '{} has events up to {:,} h ahead of its load',
        file_name,
        ceil(epoch(max(ahead_time)) / 3600)::bigint
    ) as evidence
from ahead_runs
group by source, file, file_name, run
union all
select
    files.source,
    timezone($time_zone, timezone('UTC', files.first_time))::date as first_date,
    timezone($time_zone, timezone('UTC', files.last_time))::date as last_date,
    format(
        '{:,} rows of {} are over 24 h ahead of their load and were rejected',
        rejected_summary.row_count,
        files.file_name
    ) as evidence
from rejected_summary
inner join files
    on rejected_summary.source = files.source and rejected_summary.file = files.file
where
    rejected_summary.reason = 'time over 24 h ahead'
    and rejected_summary.row_count >= greatest(20, files.rows_read / 100)
