-- Sessions in several groups; what is not among the $groups is one more.
-- grain: one session
select session_id as unit
from valued_sessions
where dimension_key is not null
group by session_id
having
    min(coalesce(list_position($groups::varchar[], dimension_key), 0))
    < max(coalesce(list_position($groups::varchar[], dimension_key), 0))
