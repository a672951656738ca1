-- Chats that began in sessions of the filters, newest or longest first.
-- grain: one chat
select
    chat_id,
    turn_count as turns,
    duration_seconds,
    model_group,
    model,
    user_id,
    session_id,
    start_time,
    end_time,
    response_count,
    error_count,
    visit_count,
    is_open
from filtered_chats
order by
    case when $longest_first then turn_count end desc nulls last,
    start_time desc,
    user_id asc,
    chat_number asc
limit $row_limit::bigint
offset $row_offset::bigint
