-- Rates of what became of turns, and how far users are from them: the sum of the squares of
-- (own count x all cases - own cases x whole count), in whole numbers, so that none is lost.
-- grain: one value
select
    turn_value,
    turn_count,
    response_count,
    user_count
    -- Of closed sessions: $rates
from (
    select
        turn_value,
        sum(turns)::bigint as turn_count,
        sum(responses)::bigint as response_count,
        count(*) as user_count
        -- Of closed sessions: $sums
    from user_outcomes
    group by turn_value
) as sums
