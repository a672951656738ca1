-- What became of the rows of each source, how late they came, and how far ahead of the clock.
-- grain: one source
with

loads_followed as (
    select
        *,
        max(last_event_time) over earlier as known_until,
        epoch(loaded_at - last_event_time) as lag_seconds
    from load_runs
    window earlier as (
        partition by source order by loaded_at, sequence
        rows between unbounded preceding and 1 preceding
    )
)

select
    source,
    list(distinct format order by format) filter (format is not null) as formats,
    count(*) filter (status = 'loaded') as file_count,
    count(*) filter (status = 'failed') as failed_count,
    coalesce(sum(rows_read), 0)::bigint as read_count,
    coalesce(sum(rows_loaded), 0)::bigint as loaded_count,
    coalesce(sum(rows_duplicate), 0)::bigint as duplicate_count,
    coalesce(sum(rows_rejected), 0)::bigint as rejected_count,
    sum(rows_rejected) / nullif(sum(rows_read), 0) as rejected_rate,
    coalesce(sum(rows_loaded) filter (last_event_time < known_until), 0)::bigint as late_count,
    min(first_event_time) as first_event_time,
    max(last_event_time) as last_event_time,
    max(loaded_at) filter (status = 'loaded') as last_loaded_at,
    arg_max(lag_seconds, loaded_at) filter (status = 'loaded') as last_lag_seconds,
    median(lag_seconds) filter (status = 'loaded') as median_lag_seconds,
    greatest(-min(lag_seconds) filter (status = 'loaded'), 0) as ahead_seconds,
    count(*) filter (len(schema_changes) > 0) as changed_file_count,
    count(*) filter (len(warnings) > 0) as doubted_file_count
from loads_followed
group by source
order by source
