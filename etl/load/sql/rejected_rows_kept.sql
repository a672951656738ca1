-- Rejected rows of a transaction of the lake. What was pruned, and who was erased, does not come
-- back as a rejected row either: only where it stood is kept.
-- grain: one row per rejected row
select
    places.batch_id,
    places.source,
    places.file,
    rejected_rows.line & ((1::bigint << 40) - 1) as line,
    rejected_rows.reason,
    case
        when rejected_rows.reason not in ('before the pruned horizon', 'forgotten')
            then rejected_rows.raw
    end as raw
from rejected_rows
inner join places on places.place = rejected_rows.line >> 40
order by rejected_rows.line
