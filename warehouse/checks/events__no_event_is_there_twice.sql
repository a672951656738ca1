-- Events of a chunk that are there more than once. Numbers made of their keys are looked at first:
-- keys that share one are few, and most often there are none.
-- scope: session
with

shared_numbers as (
    select hash(source, event_id) as key_number
    from lake_events
    group by key_number
    having count(*) > 1
)

select
    source,
    event_id,
    count(*) as row_count
from lake_events
where hash(source, event_id) in (select key_number from shared_numbers)
group by source, event_id
having count(*) > 1
