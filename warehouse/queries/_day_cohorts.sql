-- How many users entered a cohort, and the moments between which they did: of whole periods.
-- grain: cohort_start
select
    cohort_start,
    sum(bit_count(users))::bigint as cohort_size,
    cohort_start::timestamp as first_entry,
    cohort_start::timestamp as last_entry
from cohort_users
group by cohort_start
