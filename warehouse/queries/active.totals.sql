-- Users and sessions in a session as of the newest event loaded; live ones by last
-- activity.
-- grain: one row
select
    count(distinct user_id) filter (
        end_time >= $as_of::timestamp - $live_window::interval
    ) as live_user_count,
    count(*) filter (
        end_time >= $as_of::timestamp - $live_window::interval
    ) as live_session_count,
    count(distinct user_id) as open_user_count,
    count(*) as open_session_count,
    $as_of::timestamp as as_of
from scoped_sessions
where is_open
