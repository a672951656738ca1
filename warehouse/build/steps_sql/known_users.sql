-- Users some of whose sessions may change: those who have new events, those whose session was open,
-- and those who have a session of a tracker's id that comes again.
-- grain: one row per user_id
select user_id
from working.new_events
union
select user_id
from user_sessions
where is_open
union
select sessions.user_id
from user_sessions as sessions
inner join working.new_spans as spans
    on spans.tracker_key = sessions.sources[1] || chr(31) || sessions.given_session_id
where sessions.given_session_id is not null
