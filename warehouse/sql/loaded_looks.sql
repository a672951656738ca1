-- Source, size and time of files that were loaded, of these sizes: by that a file is known.
-- grain: one row per file
select
    source,
    file_size,
    file_mtime_ns
from lake_batches
where file_size in (select unnest($sizes::bigint[]))
