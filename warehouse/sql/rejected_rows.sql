-- Rejected rows as they were received, those of the files that were loaded last first.
-- grain: one rejected row
select
    rejected.source,
    rejected.file,
    rejected.line,
    rejected.reason,
    rejected.raw,
    timezone('UTC', lake_batches.loaded_at::timestamptz) as loaded_at
from read_parquet($files, union_by_name = true) as rejected
left join lake_batches on rejected.batch_id = lake_batches.batch_id
where
    ($source::varchar is null or rejected.source = $source)
    and ($reason::varchar is null or rejected.reason = $reason)
    and ($file::varchar is null or rejected.file = $file)
order by loaded_at desc nulls last, rejected.source, rejected.file, rejected.line
limit $row_limit
offset $first_row
