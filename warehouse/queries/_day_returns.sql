-- Who of a cohort was there in which period, by days: calendar periods, 0 that of the entry.
-- grain: cohort_start x value_rank x period_number x block
select
    cohort_users.cohort_start,
    cohort_users.value_rank,
    date_diff($period, cohort_users.cohort_start, period_users.period_start) as period_number,
    cohort_users.block,
    cohort_users.users & period_users.users as users
from cohort_users
inner join period_users
    on
        cohort_users.block = period_users.block
        and cohort_users.cohort_start <= period_users.period_start
