-- Responses in sessions of the filters, newest first.
-- grain: one response
select
    *
from filtered_turns
where is_answered
order by response_time desc, user_id asc, response_event_id asc, response_source asc
limit $row_limit::bigint
