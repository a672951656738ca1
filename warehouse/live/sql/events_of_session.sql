-- The events of one session in their order, one page of them.
-- grain: one row per source and event_id
select
    event_id,
    epoch_ms(event_time) as t,
    event_type as type,
    coalesce(raw_page, page) as page,
    chat_id,
    query_type,
    properties
from session_events
where
    user_id = $user_id
    and session_id = $session_id
    and event_time >= $start_time::timestamp
    and event_time <= $end_time::timestamp
order by event_number
limit $row_limit
offset $row_offset
