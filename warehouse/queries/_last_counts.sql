-- Users of each cohort by the last period that they were back in: they count in all before it.
-- grain: cohort_start x value_rank x period_number; no row without users
select
    cohort_start,
    value_rank,
    period_number,
    sum(bit_count(users & ~coalesce(later_users, bitstring('0', 1024)))) as user_count
from (
    select
        *,
        bit_or(users) over (
            partition by cohort_start, value_rank, block
            order by period_number desc
            rows between unbounded preceding and 1 preceding
        ) as later_users
    from $returns
)
group by all
