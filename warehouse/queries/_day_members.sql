-- Who entered the cohort of $cohort_start, by days (see day_entries), and with which event.
-- grain: who
select
    who,
    min(event_time) as entry_time,
    $cohort_start::timestamp as counted_from,
    arg_min(session_id, (event_time, session_id)) as session_id,
    any_value(user_id) as user_id
from every_event
where
    is_taken
    and event_date >= $entry_from::date
    and event_date <= $entry_to::date
    and ($pruned_before::date is null or event_date >= $pruned_before::date)
    and who in (select member from day_entries where cohort_start = $cohort_start::date)
group by who
