-- Days of rows that were there before, many for the source: an export that came twice. They were
-- dropped. Where one file in four or more brings such rows, exports overlap, and that is usual.
-- grain: one run of days of one file
with

loads as (
    select
        source,
        parse_filename(replace(file, chr(92), '/')) as file_name,
        repeated,
        rows_loaded,
        first_event_time,
        last_event_time
    from load_runs
    where status = 'loaded'
),

sources as (
    select
        source,
        count(*) as file_count,
        sum(rows_loaded)
        / (1 + max(last_event_time)::date - min(first_event_time)::date) as day_rows
    from loads
    group by source
),

repeated_rows as (
    select
        loads.source,
        loads.file_name,
        sources.file_count,
        split_part(loads.told, '/', 1)::date as first_date,
        regexp_extract(loads.told, '/(.*)=', 1)::date as last_date,
        split_part(loads.told, '=', 2)::bigint as row_count
    from (
        select
            source,
            file_name,
            unnest(repeated) as told
        from loads
    ) as loads
    inner join sources on loads.source = sources.source
    where row_count >= 0.25 * sources.day_rows * (1 + last_date - first_date)
),

repeating as (
    select
        source,
        count(distinct file_name) as repeating_count
    from repeated_rows
    group by source
)

select
    repeated_rows.source,
    repeated_rows.first_date,
    repeated_rows.last_date,
    format(
        '{:,} rows of {} were there before and were dropped',
        repeated_rows.row_count,
        repeated_rows.file_name
    ) as evidence
from repeated_rows
inner join repeating on repeated_rows.source = repeating.source
where repeating.repeating_count < 0.25 * repeated_rows.file_count
