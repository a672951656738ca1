-- The sessions that took one step of the paths, newest first.
-- grain: one session
select
    session_paths.session_id,
    session_paths.user_id,
    session_paths.start_time,
    if($sign < 0, list_reverse(session_paths.path), session_paths.path) as path
from session_paths
left join ranked_nodes as here
    on
        here.step_number = $step_number
        and here.node = session_paths.path[$sign * $step_number]
left join ranked_nodes as there
    on
        there.step_number = $step_number + 1
        and there.node = session_paths.path[$sign * ($step_number + 1)]
where
    $step_number <= len(session_paths.path)
    and coalesce(here.node, 'Other') = $node
    and (
        $next_node::varchar is null
        or case
            when $step_number = len(session_paths.path) then $path_end
            else coalesce(there.node, 'Other')
        end = $next_node::varchar
    )
order by session_paths.start_time desc, session_paths.session_id
limit $row_limit
