-- Who was back on which day after the entry, by the day, week or month of it: cohorts of a day,
-- taken together.
-- grain: cohort_start x days
with

cohorts_sized as (
    select
        date_trunc($grain, cohort_start)::date as cohort_start,
        sum(bit_count(users))::bigint as cohort_size,
        count(distinct cohort_start) as day_count
    from cohort_users
    group by all
),

cells_summed as (
    select
        date_trunc($grain, cohort_start)::date as cohort_start,
        period_number,
        sum(user_count)::bigint as user_count,
        count(*) filter (is_complete) as day_count
    from cohort_cells
    group by all
),

cells as (
    select
        cells_summed.*,
        ($bracket_lows::int[])[cells_summed.period_number + 1] as days
    from cells_summed
)

select
    cohorts_sized.cohort_start,
    cells.days,
    cohorts_sized.cohort_size,
    cells.user_count,
    cells.user_count / cohorts_sized.cohort_size as retention_rate,
    cohorts_sized.cohort_size as retention_rate_n,
    cells.day_count = cohorts_sized.day_count
    -- Nobody enters after the dates of the filters.
    and least(
        (cohorts_sized.cohort_start + ('1 ' || $grain)::interval)::date, $entry_to::date + 1
    ) + cells.days <= $until::date
        as is_complete
from cohorts_sized
inner join cells on cohorts_sized.cohort_start = cells.cohort_start
order by cohorts_sized.cohort_start, cells.days
