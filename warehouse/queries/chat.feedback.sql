-- Feedback on responses, and how many have none.
-- grain: one value
select *
from outcome_rates
where response_count > 0
order by response_count desc, turn_value asc nulls last
