-- Users some of whose sessions were made anew.
-- grain: one row per user_id
select user_id from working.touched_sessions
union
select user_id from int_sessions
