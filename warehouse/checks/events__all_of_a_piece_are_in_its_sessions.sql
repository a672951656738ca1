-- The numbers of events in a chunk and in the sessions made of it, where they differ.
-- scope: session
with

counted as (
    select
        (select count(*) from lake_events) as lake_count,
        (select coalesce(sum(event_count), 0) from int_session_totals) as session_count
)

select *
from counted
where lake_count <> session_count
