-- Turns of chats in the sessions of the filters: a turn is of the session of its response, and of
-- that of its prompt where none came. Days are told once more, by which most rows are passed over.
-- grain: one turn, as in chat_turns
select turns.*
from chat_turns as turns
semi join filtered_sessions as sessions
    on
        sessions.user_key = turns.user_key
        and sessions.session_number = turns.session_number
where
    ($first_date::date is null or turns.start_date >= $first_date::date)
    and ($last_date::date is null or turns.start_date <= $last_date::date)
