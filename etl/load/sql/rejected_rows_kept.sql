-- The lake's rejected rows of a batch. What was pruned does not come back as a rejected row either:
-- only where it stood is kept.
-- grain: one row per rejected row
select
    $batch_id as batch_id,
    $source as source,
    $file as file,
    line,
    reason,
    case when reason <> 'before the pruned horizon' then raw end as raw
from rejected_rows
order by line
