-- The newest files whose fields were not those of the file before, newest first.
-- grain: one row per file
select
    loaded_at,
    source,
    file,
    schema_changes
from lake_batches
where len(schema_changes) > 0
order by number desc
limit $most
