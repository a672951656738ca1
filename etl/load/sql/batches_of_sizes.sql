-- Batches of files of these sizes, up to a number.
-- grain: one row per batch
select
    source,
    file_size,
    content,
    number,
    loaded_at,
    first_event_time
from lake_batches
where file_size in (select unnest($sizes)) and number <= $last_batch
