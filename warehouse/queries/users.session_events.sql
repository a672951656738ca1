-- Events of one session, in their order.
-- grain: one event
select
    event_number,
    event_time,
    seconds_since_start,
    gap_seconds,
    $idle_limit::double as idle_limit_seconds,
    event_type,
    page,
    is_action,
    is_query,
    is_error,
    source,
    chat_id,
    properties
from events_of_session
order by event_number
