-- Turns of chats in the sessions of the filters: a turn is of the session of its response, and of
-- that of its prompt where none came. Where nothing but days is asked they tell it themselves: to
-- look for their sessions is what takes long.
-- grain: one turn, as in chat_turns
select turns.*
from chat_turns as turns
-- Only conditions need the look at the sessions: $joined_sessions
where
    ($include_bots or not turns.is_bot)
    and ($pruned_before::date is null or turns.start_date >= $pruned_before::date)
    and ($first_date::date is null or turns.start_date >= $first_date::date)
    and ($last_date::date is null or turns.start_date <= $last_date::date)
