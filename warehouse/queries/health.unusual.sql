-- Sessions and users that are worth a second look, over all days: their counts.
-- grain: one row
with

sessions_counted as (
    select
        count(*) filter (not is_bot) as session_count,
        count(*) filter (not is_bot and is_suspect) as suspect_count,
        count(*) filter (not is_bot and duration_seconds = 0) as zero_second_count,
        count(*) filter (not is_bot and event_count = 1) as one_event_count,
        count(*) filter (is_bot) as bot_session_count
    from user_sessions
),

users_counted as (
    select
        count(*) as user_count,
        count(*) filter (event_count = 1) as one_event_user_count
    from users
    where not is_bot
)

select
    sessions_counted.*,
    users_counted.*
from sessions_counted
cross join users_counted
