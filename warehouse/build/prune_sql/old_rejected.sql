-- Rejected rows that still have their text, of batches that were loaded before their source's limit
-- or hold events from before it: of a row that could not be read nobody knows how old it is.
-- grain: one row per filename and batch_id
select
    rejected.filename,
    rejected.batch_id,
    count(*) as row_count
from lake_rejected_texts as rejected
inner join lake_batches as batches on batches.batch_id = rejected.batch_id
inner join text_limits as limits on limits.source = batches.source
where
    rejected.raw is not null
    and (
        timezone('UTC', batches.loaded_at::timestamptz) < limits.before_time
        or batches.first_event_time::timestamp < limits.before_time
    )
group by rejected.filename, rejected.batch_id
