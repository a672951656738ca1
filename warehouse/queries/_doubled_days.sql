-- Days of rows that were there before, many for the source: an export that came twice. They were
-- dropped. Where one file in four or more brings such rows, exports overlap, and that is usual.
-- Unless $looks_ahead, a file is compared with those that were loaded by then.
-- grain: one run of days of one file
with

loads as (
    select
        source,
        parse_filename(replace(file, chr(92), '/')) as file_name,
        repeated,
        loaded_at,
        last_event_time,
        count(*) over known_loads as file_count,
        sum(rows_loaded) over known_loads
        / (
            1 + (max(last_event_time) over known_loads)::date
            - (min(first_event_time) over known_loads)::date
        ) as day_rows
    from load_runs
    where status = 'loaded'
    -- Without an order all are there at once.
    window known_loads as (
        partition by source order by case when not $looks_ahead then loaded_at end
    )
),

repeated_rows as (
    select
        source,
        file_name,
        file_count,
        loaded_at,
        last_event_time,
        split_part(told, '/', 1)::date as first_date,
        regexp_extract(told, '/(.*)=', 1)::date as last_date,
        split_part(told, '=', 2)::bigint as row_count
    from (
        select
            *,
            unnest(repeated) as told
        from loads
    ) as loads
    where row_count >= 0.25 * day_rows * (1 + last_date - first_date)
),

repeating as (
    select
        *,
        count(distinct file_name) over (
            partition by source order by case when not $looks_ahead then loaded_at end
        ) as repeating_count
    from repeated_rows
)

select
    source,
    first_date,
    last_date,
    coalesce(
        timezone($time_zone, timezone('UTC', last_event_time))::date, last_date
    ) as told_date,
    loaded_at as known_at,
    format(
        '{:,} rows of {} were there before and were dropped',
        row_count,
        file_name
    ) as evidence
from repeating
where repeating_count < 0.25 * file_count
