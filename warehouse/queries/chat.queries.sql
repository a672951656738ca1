-- What came of the responses to each kind of prompt; most responses first.
-- grain: one kind of prompt
select *
from outcome_rates
where response_count > 0
order by response_count desc, turn_value asc nulls last
