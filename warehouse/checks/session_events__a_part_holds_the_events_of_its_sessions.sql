-- The numbers of events in a new part and in the sessions made with it, where they differ.
-- scope: part
with

counted as (
    select
        (select count(*) from part_events) as event_count,
        (select coalesce(sum(event_count), 0) from int_sessions) as session_count
)

select *
from counted
where event_count <> session_count
