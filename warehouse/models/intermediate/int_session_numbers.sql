-- Numbers each user's sessions; those that were pruned count.
-- scope: user
-- grain: one row per session_id
select
    sessions.session_id,
    coalesce(kept.session_count, 0) + row_number() over (
        partition by sessions.user_id order by sessions.start_time, sessions.session_id
    ) as session_number
from int_sessions as sessions
left join stg_kept_users as kept on kept.user_id = sessions.user_id
