-- Events of one session in their order, all or of one type, one page of them.
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
where $event_type::varchar is null or event_type = $event_type::varchar
order by event_number
limit $row_limit::bigint
offset $row_offset
