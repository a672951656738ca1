-- The newest files whose rows look wrong, newest first.
-- grain: one row per file
select
    loaded_at,
    source,
    file,
    warnings
from lake_batches
where len(warnings) > 0
order by number desc
limit $most
