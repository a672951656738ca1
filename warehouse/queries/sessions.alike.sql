-- How many sessions, and how many other users, went much the same way as one session, and among how
-- many.
-- grain: one row
select
    count(*) filter (similarity >= $least) as session_count,
    count(distinct user_key) filter (similarity >= $least and not is_of_same_user) as user_count,
    count(*) as looked_at_count,
    min(start_time) as looked_at_from
from compared_sessions
