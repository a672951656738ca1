-- Users of each cohort who came back, by the number of the period or bracket: in it, or in it or
-- later. A cell is there once its period has begun for somebody of the cohort, and it is complete
-- when the period is over for all of them.
-- grain: cohort_start x value_rank x period_number
with

brackets as (
    select
        unnest(range(len($bracket_lows::int[])))::bigint as period_number,
        unnest($bracket_lows::int[])::bigint as low,
        unnest($bracket_highs::int[])::bigint as high
),

users_counted as (
    select
        cohort_start,
        value_rank,
        period_number,
        sum(bit_count(users)) as user_count
    from $returns
    where $kind = 'exact'
    group by all
    union all
    -- Whoever came last in a period counts there, and below in all periods before it.
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
        where $kind = 'on_or_after'
    )
    group by all
    union all
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
        where $kind = 'bracket'
        group by all
    )
    group by all
),

cohorts as (
    select
        cohort_start,
        value_rank,
        sum(bit_count(users))::bigint as cohort_size,
        min(first_from) as first_from,
        max(last_from) as last_from
    from cohort_users
    group by all
),

periods_begun as (
    select
        *,
        unnest(range(len(generate_series(first_from, $until::timestamp, $step::interval))))
            as period_number
    from cohorts
),

cells_listed as (
    select
        *,
        period_number as high
    from periods_begun
    where $kind <> 'bracket'
    union all
    select
        periods_begun.* exclude (period_number),
        brackets.period_number,
        brackets.high
    from periods_begun
    inner join brackets on periods_begun.period_number = brackets.low
    where $kind = 'bracket'
)

select
    cells_listed.cohort_start,
    cells_listed.value_rank,
    cells_listed.cohort_size,
    cells_listed.period_number,
    (
        case
            when $kind = 'on_or_after'
                then sum(coalesce(users_counted.user_count, 0)) over (
                    partition by cells_listed.cohort_start, cells_listed.value_rank
                    order by cells_listed.period_number desc
                )
            else coalesce(users_counted.user_count, 0)
        end
    )::bigint as user_count,
    cells_listed.last_from + (cells_listed.high + 1) * $step::interval <= $until::timestamp
        as is_complete
from cells_listed
left join users_counted
    on
        cells_listed.cohort_start = users_counted.cohort_start
        and cells_listed.value_rank = users_counted.value_rank
        and cells_listed.period_number = users_counted.period_number
