-- Files, rows and time span of what the lake has of each source.
-- grain: one row per source
select
    source,
    list(distinct format order by format) as formats,
    count(*) as files,
    sum(rows_read)::bigint as rows_read,
    sum(rows_loaded)::bigint as rows_loaded,
    sum(rows_duplicate)::bigint as rows_duplicate,
    sum(rows_rejected)::bigint as rows_rejected,
    min(first_event_time) as first_event_time,
    max(last_event_time) as last_event_time,
    max(loaded_at) as last_loaded_at,
    list_sort(list_distinct(flatten(list(coalesce(times, []))))) as times,
    -- What the collector wrote is removed once it is loaded: there is nothing to read again.
    count(*) filter (
        coalesce(rules, 1) < $rules and not contains(path, '/collected/collected-')
    ) as older_files
from lake_batches
group by source
order by source
