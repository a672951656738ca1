-- Users of each cohort who came back, by the number of the period or bracket: in it, or in it or
-- later. A cell is there once its period has begun for somebody of the cohort, and it is complete
-- when the period is over for all of them.
-- grain: cohort_start x value_rank x period_number
with

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
left join $counts as users_counted
    on
        cells_listed.cohort_start = users_counted.cohort_start
        and cells_listed.value_rank = users_counted.value_rank
        and cells_listed.period_number = users_counted.period_number
