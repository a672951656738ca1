-- The numbers of events in the lake, in sessions and in the parts of session_events, where they
-- differ.
with

counted as (
    select
        (select count(*) from lake_events) as lake_count,
        (select coalesce(sum(event_count), 0) from user_sessions) as session_count
)

select *
from counted
where lake_count <> session_count
