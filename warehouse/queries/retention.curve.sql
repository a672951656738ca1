-- The mean of the cohorts that are old enough for a period, each by its size, with the interval of
-- Wilson.
-- grain: period_number
with

cells_summed as (
    select
        period_number,
        sum(user_count)::double as user_count,
        sum(cohort_size)::double as n,
        count(*) as cohort_count
    from cohort_cells
    where is_complete
    group by period_number
),

rates as (
    select
        *,
        user_count / n as retention_rate,
        (user_count / n + $z ** 2 / (2 * n)) / (1 + $z ** 2 / n) as centre,
        $z * sqrt(user_count / n * (1 - user_count / n) / n + $z ** 2 / (4 * n ** 2))
        / (1 + $z ** 2 / n) as half
    from cells_summed
)

select
    period_number,
    retention_rate,
    -- Rounding may carry an end of 0 or 1 beyond it.
    greatest(centre - half, 0) as low,
    least(centre + half, 1) as high,
    cohort_count
from rates
order by period_number
