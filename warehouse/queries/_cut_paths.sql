-- The same, from the first $start on; backward, up to the last one. Sessions without it are out.
-- grain: one session
select
    session_id,
    user_id,
    user_key,
    start_time,
    case
        when $direction = 'backward'
            then list_reverse(
                list_reverse($node_list)[list_position(list_reverse($node_list), $start):]
            )
        else $node_list[list_position($node_list, $start):]
    end as path
from filtered_sessions
where list_contains($node_list, $start)
