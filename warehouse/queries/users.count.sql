-- How many users have an event in the period.
-- grain: one row
select count(distinct user_id) as user_count
from active_days
where contains(lower(user_id), lower($search))
