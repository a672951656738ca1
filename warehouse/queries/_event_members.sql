-- Who entered the cohort of $cohort_start, by events (see event_entries), and with which event.
-- grain: who
select
    who,
    min(entry_time) as entry_time,
    min(counted_from) as counted_from,
    arg_min(session_id, (entry_time, session_id)) as session_id,
    any_value(user_id) as user_id
from event_entries
where cohort_start = $cohort_start::date
group by who
