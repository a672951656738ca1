-- Users of each cohort who were back in any period of a bracket.
-- grain: cohort_start x value_rank x period_number; no row without users
select
    cohort_start,
    value_rank,
    period_number,
    sum(bit_count(users)) as user_count
from (
    select
        returns.cohort_start,
        returns.value_rank,
        returns.block,
        brackets.period_number,
        bit_or(returns.users) as users
    from $returns as returns
    inner join brackets
        on
            returns.period_number >= brackets.low
            and returns.period_number <= brackets.high
    group by all
)
group by all
