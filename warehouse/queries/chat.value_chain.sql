-- How far what was asked gets: answered, read, and made use of. Each step holds who reached a later
-- one, so that counts only fall.
-- grain: one value
select *
from outcome_rates
order by turn_count desc, turn_value asc nulls last
