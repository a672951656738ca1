-- Users of each cohort who were back in a period.
-- grain: cohort_start x value_rank x period_number; no row without users
select
    cohort_start,
    value_rank,
    period_number,
    sum(bit_count(users)) as user_count
from $returns
group by all
