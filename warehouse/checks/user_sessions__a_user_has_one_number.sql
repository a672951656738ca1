-- A user's sessions that have another small number than the user's first.
-- scope: user
select min(session_id) as session_id
from user_sessions
group by user_id
having count(user_key) < count(*) or min(user_key) < max(user_key)
