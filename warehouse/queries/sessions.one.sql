-- One session.
-- grain: one session
select *
from user_sessions
where session_id = $session_id
