-- Sessions by their ids, in the order of these.
-- grain: one session
select *
from user_sessions
where session_id in (select unnest($session_ids::varchar[]))
order by list_position($session_ids, session_id)
