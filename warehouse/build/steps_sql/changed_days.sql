-- Local days on which a session that was made anew has events, or had some before, and those
-- on which another session is its user's first now.
-- grain: one row per day
select day from working.touched_days
union
select start_date from int_sessions
union
select event_date from overnight_days semi join int_sessions using (session_id)
union
select start_date
from working.renumbered_sessions
where is_new_user_changed
