-- Local days on which a touched session starts or has events, as the last build had it.
-- grain: one row per day
select start_date as day
from working.known_sessions
semi join working.touched_sessions as touched on touched.session_id = known_sessions.session_id
union
select event_date
from overnight_days
semi join working.touched_sessions as touched on touched.session_id = overnight_days.session_id
