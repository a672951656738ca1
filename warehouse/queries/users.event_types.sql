-- Types of the events that one user has, with the number of sessions that hold one.
-- grain: one event type
select
    event_type,
    count(*) as session_count
from (
    select unnest(list_distinct(event_path)) as event_type
    from filtered_sessions
    where $of_user
)
group by event_type
order by session_count desc, event_type asc
