-- Sessions that the filters take, and that hold what was searched for: where something was,
-- $is_found says so of a session.
-- grain: one session
select *
from filtered_sessions
where $is_found
