-- The local days of users' first events ever, of sessions that the filters take.
-- grain: user
select
    user_key,
    start_date as entry_date,
    dimension_value
from filtered_sessions
where is_new_user
