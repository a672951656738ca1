-- Sessions of one user, newest first, with the columns of user_sessions.
-- grain: one session
select user_sessions.*
from user_sessions
semi join (select session_id from filtered_sessions where user_id = $user_id) as filtered
    on filtered.session_id = user_sessions.session_id
where user_sessions.user_id = $user_id
order by
    user_sessions.start_time desc,
    user_sessions.session_number desc,
    user_sessions.session_id asc
