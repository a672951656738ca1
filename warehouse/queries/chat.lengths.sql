-- How long chats go on, by what they are broken down by. Those that are still open have not ended.
-- grain: one value
select
    $chat_value as chat_value,
    count(*) as chat_count,
    count(*) filter (is_open) as open_count,
    avg(turn_count) filter (not is_open) as avg_turns,
    median(turn_count) filter (not is_open) as median_turns,
    quantile_cont(turn_count, 0.9) filter (not is_open) as p90_turns,
    median(duration_seconds) filter (not is_open) as median_duration_seconds,
    avg(visit_count) filter (not is_open) as avg_visits
from filtered_chats
group by all
order by chat_count desc, chat_value asc nulls last
