-- Chats that began in a session of the filters, with all that followed, whenever that was.
-- grain: one chat
select chats.*
from chats as chats
-- Only conditions need the look at the sessions: $joined_sessions
where
    ($include_bots or not chats.is_bot)
    and ($pruned_before::date is null or chats.start_date >= $pruned_before::date)
    and ($first_date::date is null or chats.start_date >= $first_date::date)
    and ($last_date::date is null or chats.start_date <= $last_date::date)
