-- The mean of the cohorts that are old enough for a period, each by its size.
-- grain: period_number
select
    period_number,
    sum(user_count) / sum(cohort_size) as retention_rate,
    sum(cohort_size)::bigint as retention_rate_n,
    count(*) as cohort_count
from cohort_cells
where is_complete
group by period_number
order by period_number
