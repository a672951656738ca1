-- All sessions, and whether the conditions take them.
-- grain: one session
select
    session_id,
    user_id,
    user_key,
    start_time,
    start_date,
    end_time,
    end_date,
    is_new_user,
    ($include_bots or not is_bot) and $conditions as is_taken,
    $dimension_value as dimension_value
from dimensioned_sessions
