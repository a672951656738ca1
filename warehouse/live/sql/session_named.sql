-- The session of that id, Dwell's or the tracker's own; of several the newest.
-- grain: one row at most
select *
from user_sessions
where session_id = $id or given_session_id = $id
order by start_time desc, session_id desc
limit 1
