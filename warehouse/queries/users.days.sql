-- Days of one user with sessions: how many began there, and how long they were together.
-- grain: one local day; no row for days without a session
select
    start_date as date,
    count(*) as session_count,
    sum(timed_seconds) as duration_seconds,
    sum(error_count)::bigint as error_count
from filtered_sessions
where
    $of_user
    and ($event is null or list_contains(event_path, $event))
group by start_date
order by start_date
