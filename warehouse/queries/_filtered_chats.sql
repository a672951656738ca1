-- Chats that began in a session of the filters, with all that followed, whenever that was.
-- grain: one chat
select chats.*
from chats
semi join filtered_sessions as sessions
    on
        sessions.user_key = chats.user_key
        and sessions.session_number = chats.session_number
where
    ($first_date::date is null or chats.start_date >= $first_date::date)
    and ($last_date::date is null or chats.start_date <= $last_date::date)
