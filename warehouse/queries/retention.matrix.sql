-- Users of each cohort who came back, by day, week or month after their entry, or by brackets of
-- them.
-- grain: cohort_start x period_number
select
    cohort_start,
    cohort_size,
    period_number,
    user_count,
    user_count / cohort_size as retention_rate,
    is_complete
from cohort_cells
order by cohort_start, period_number
