-- A user's sessions that have different small numbers.
-- scope: user
select min(session_id) as session_id
from user_sessions
group by user_id
having min(user_key) < max(user_key)
