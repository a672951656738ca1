-- Of each session the pages, or event types, that it went through: repeats in a row count once.
-- Forward from its first one, or from the first $start; backward from its last one, or from the
-- last $start. Not further than $depth steps from there. Sessions without any, or without $start,
-- are out. A build keeps the whole of them: its column stands for $node_list.
-- grain: one session
select
    session_id,
    user_id,
    user_key,
    start_time,
    is_open,
    whole_path[start_position:start_position + $depth] as path
from (
    select
        *,
        case when $start::varchar is null then 1 else list_position(whole_path, $start::varchar) end
            as start_position
    from (
        select
            session_id,
            user_id,
            user_key,
            start_time,
            is_open,
            if($direction = 'backward', list_reverse($node_list), $node_list) as whole_path
        from filtered_sessions
    )
)
where start_position <= len(whole_path)
