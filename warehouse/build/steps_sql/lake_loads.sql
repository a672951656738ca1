-- Files that are in the lake, and files whose last load failed.
-- grain: one row per batch, and per file that failed
select
    batch_id,
    number as sequence,
    source,
    format,
    file,
    'loaded' as status,
    rows_read,
    rows_loaded,
    rows_duplicate,
    rows_rejected,
    coalesce(rows_erased, 0) + coalesce(rejects_erased, 0) as rows_erased,
    first_event_time::timestamp as first_event_time,
    last_event_time::timestamp as last_event_time,
    timezone('UTC', loaded_at::timestamptz) as loaded_at,
    seconds,
    null::varchar as message,
    schema_changes,
    warnings,
    repeated
from lake_batches

union all by name

select
    source,
    format,
    file,
    'failed' as status,
    timezone('UTC', failed_at::timestamptz) as loaded_at,
    message
from failed_loads
