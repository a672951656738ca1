-- Sessions by the shown values of the dimension; the rest has no value_rank, and each session is in
-- it once. When sessions are not broken down, all are the rest.
-- grain: one session x shown value
select
    valued_sessions.*,
    shown_values.value_rank
from valued_sessions
left join shown_values
    on
        $is_broken_down
        and valued_sessions.dimension_key is not distinct from shown_values.dimension_key
where not $is_list or shown_values.value_rank is not null
union all
-- Of a dimension of lists: who has any value that is not shown.
select
    filtered_sessions.*,
    null as dimension_key,
    null as value_rank
from filtered_sessions
where
    $is_list
    and filtered_sessions.session_id in (
        select valued_sessions.session_id
        from valued_sessions
        left join shown_values
            on valued_sessions.dimension_key is not distinct from shown_values.dimension_key
        where shown_values.value_rank is null
    )
