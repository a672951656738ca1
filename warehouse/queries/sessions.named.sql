-- Sessions by their ids, in the order of these.
-- grain: one session
select *
from user_sessions
where list_contains($session_ids, session_id)
order by list_position($session_ids, session_id)
