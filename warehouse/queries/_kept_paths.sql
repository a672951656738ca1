-- Of each session the pages, or event types, that it went through: repeats in a row count once. A
-- build keeps them: its column stands for $node_list. Sessions without any are out.
-- grain: one session
select
    session_id,
    user_id,
    user_key,
    start_time,
    $node_list as path
from filtered_sessions
where len($node_list) > 0
