-- Whose events a build holds, and of when.
-- grain: one row
select
    count(distinct user_id) as users,
    min(event_time) as first_time,
    max(event_time) as last_time
from session_events
