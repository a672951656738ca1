-- After which turn chats end, of those that got so far. One whose last visit is still open has not
-- ended: it is left out of the rate of its last turn, as who is last seen alive.
-- grain: one value and turn
with

turns_reached as (
    select
        $chat_value as chat_value,
        user_key,
        unnest(range(1, turn_count + 1)) as turn_number,
        turn_count,
        is_open
    from filtered_chats
    where turn_count > 0
),

users_reached as (
    select
        chat_value as turn_value,
        turn_number,
        user_key,
        count(*) as reached,
        count(*) filter (turn_number < turn_count or not is_open) as known,
        count(*) filter (turn_number = turn_count and not is_open) as ended
    from turns_reached
    where turn_number <= $most_turns
    group by all
),

sums as (
    select
        turn_value,
        turn_number,
        sum(reached)::bigint as chat_count,
        sum(reached - known)::bigint as open_count
        -- Of those that are known to go on or to have ended: $sums
    from users_reached
    group by turn_value, turn_number
)

select
    turn_value,
    turn_number,
    chat_count,
    open_count
    -- Of those that are known to go on or to have ended: $rates
from sums
order by turn_value asc nulls last, turn_number asc
