-- The mean of the cohorts that are old enough for a period, by the values that most enter with. All
-- others are rank 0.
-- grain: value x period_number
with

values_sized as (
    select
        value_rank,
        sum(bit_count(users))::bigint as cohort_size
    from cohort_users
    group by value_rank
),

cells_summed as (
    select
        value_rank,
        period_number,
        sum(user_count) / sum(cohort_size) as retention_rate,
        sum(cohort_size)::bigint as retention_rate_n,
        count(*) as cohort_count
    from cohort_cells
    where is_complete
    group by all
)

select
    entry_values.dimension_key as value,
    cells_summed.value_rank = 0 as is_other,
    values_sized.cohort_size,
    cells_summed.period_number,
    cells_summed.retention_rate,
    cells_summed.retention_rate_n,
    cells_summed.cohort_count
from cells_summed
inner join values_sized on cells_summed.value_rank = values_sized.value_rank
left join entry_values on cells_summed.value_rank = entry_values.value_rank
order by is_other, cells_summed.value_rank, cells_summed.period_number
