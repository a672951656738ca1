-- How many users have a session in the period.
-- grain: one row
select count(distinct user_id) as user_count
from filtered_sessions
where contains(lower(user_id), lower($search))
