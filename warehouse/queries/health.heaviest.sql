-- Users with the most events of all, or the most sessions, with their share of those of everybody.
-- Bots are among them.
-- grain: one user
select
    user_id,
    is_bot,
    session_count,
    event_count,
    event_count / nullif(sum(event_count) over (), 0) as event_share,
    session_count / nullif(sum(session_count) over (), 0) as session_share,
    active_day_count,
    first_event_time,
    last_event_time
from users
order by
    case $order_by when 'event_count' then event_count else session_count end desc,
    user_id
limit $row_limit
