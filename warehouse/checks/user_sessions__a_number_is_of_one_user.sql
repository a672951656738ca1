-- Small numbers that two users have: they would be counted as one.
select
    user_key,
    min(session_id) as session_id
from user_sessions
group by user_key
having min(user_id) < max(user_id)
