-- The behaviour pattern of one user, with its evidence.
-- grain: one row at most
select *
from user_patterns
where user_id = $user_id
