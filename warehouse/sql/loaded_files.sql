-- The files that were loaded last, newest first.
-- grain: one row per file
select
    loaded_at,
    source,
    format,
    file,
    rows_read,
    rows_loaded,
    rows_duplicate,
    rows_rejected,
    seconds
from lake_batches
order by number desc
limit $most
