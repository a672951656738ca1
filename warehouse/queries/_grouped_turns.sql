-- Turns of chats in the sessions of the groups that are compared.
-- grain: one turn x cell
select
    turns.* exclude (session_id),
    sessions.session_id,
    sessions.cell_number
from chat_turns as turns
inner join grouped_sessions as sessions
    on
        sessions.user_key = turns.user_key
        and sessions.session_number = turns.session_number
where
    ($first_date::date is null or turns.start_date >= $first_date::date)
    and ($last_date::date is null or turns.start_date <= $last_date::date)
