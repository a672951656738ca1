-- The newest events of one session, by Dwell's id or the tracker's own, or of one user.
-- grain: one row per source and event_id
select
    event_id,
    coalesce(tracker_session_id, session_id) as session_id,
    user_id,
    event_time as timestamp,
    event_type as action,
    coalesce(raw_page, page) as page,
    properties as details
from session_events
where
    ($session_id::varchar is null or session_id = $session_id or tracker_session_id = $session_id)
    and ($user_id::varchar is null or user_id = $user_id)
order by event_time desc, event_number desc, event_id asc
limit $row_limit
