-- The numbers of events in sessions, in session_events and in the lake, where they differ.
with

counted as (
    select
        (select count(*) from lake_events) as lake_count,
        (select coalesce(sum(event_count), 0) from user_sessions) as session_count,
        (select count(*) from session_events) as event_count
)

select *
from counted
where lake_count <> session_count or lake_count <> event_count
