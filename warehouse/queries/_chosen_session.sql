-- One session, by each local day that it touches: events lie sorted by user, and in parts of their
-- days, so that a join on both, and not on the session alone, lets whole blocks be passed over.
-- grain: one day of the session
select
    session_id,
    user_id,
    start_time,
    unnest(range(start_date, end_date + interval 1 day, interval 1 day))::date as event_date
from user_sessions
where session_id = $session_id
