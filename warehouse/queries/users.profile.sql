-- One user over all time, with the evidence for the pattern.
-- grain: one user
select
    users.*,
    user_patterns.session_count as pattern_session_count,
    user_patterns.avg_duration_seconds as pattern_avg_duration_seconds,
    user_patterns.avg_actions as pattern_avg_actions,
    user_patterns.newest_session_errors,
    (
        select arg_min(model_group, session_number)
        from user_sessions
        where $of_user
    ) as first_model_group
from users
left join user_patterns on users.user_id = user_patterns.user_id
where users.user_id = $user_id
