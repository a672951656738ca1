-- The first events of sessions, and the last of those that are here with their first alone: between
-- two events of one day no window of 24 hours begins and ends.
-- grain: one event
select
    who,
    event_time,
    event_date,
    is_taken
from session_firsts
union all
select
    $who_of_session as who,
    end_time as event_time,
    end_date as event_date,
    is_taken
from told_sessions
where start_date = end_date and end_time > start_time and not $looks_closer
