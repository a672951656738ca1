-- What came of the responses at each turn of a chat.
-- grain: one turn number
select *
from outcome_rates
where turn_value <= $most_turns
order by turn_value
