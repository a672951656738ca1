-- Headline numbers by day, week or month, and of each day what is normal: the mean of the eight
-- same weekdays before it, two standard deviations less and more, at least four of them known.
-- The filters reach back over these days; $shown_from is the first shown day.
-- grain: one period of $grain
with

data_begun as (
    select greatest(min(start_date), $pruned_before::date) as first_date
    from user_sessions
),

-- Only whole days of the data tell what is normal.
periods_judged as (
    select
        measured_periods.*,
        $grain = 'day'
        and measured_periods.period_start >= data_begun.first_date
        and measured_periods.period_start < $as_of_date::date as is_known
    from measured_periods
    cross join data_begun
),

periods_banded as (
    select
        * exclude (is_known),
        case
            when
                count(columns(* exclude (period_start, is_known)))
                    filter (is_known) over before
                >= 4
                then
                    avg(columns(* exclude (period_start, is_known))) filter (is_known) over before
                    - 2 * stddev_samp(columns(* exclude (period_start, is_known)))
                        filter (is_known) over before
        end as '\0_low',
        case
            when
                count(columns(* exclude (period_start, is_known)))
                    filter (is_known) over before
                >= 4
                then
                    avg(columns(* exclude (period_start, is_known))) filter (is_known) over before
                    + 2 * stddev_samp(columns(* exclude (period_start, is_known)))
                        filter (is_known) over before
        end as '\0_high'
    from periods_judged
    window before as (
        partition by isodow(period_start)
        order by period_start
        rows between 8 preceding and 1 preceding
    )
)

-- Nothing is less than 0, and no share more than 1.
select
    columns(lambda name: not name similar to '.*(_low|_rate_high)'),
    case when columns('_low$') < 0 then 0 else columns('_low$') end,
    case when columns('_rate_high$') > 1 then 1 else columns('_rate_high$') end,
    period_start >= $shown_from::date
    and (period_start + ('1 ' || $grain)::interval)::date
    <= least($last_date::date + 1, $as_of_date::date)
    and ($pruned_before::date is null or period_start >= $pruned_before::date)
        as is_complete
from periods_banded
where period_start >= date_trunc($grain, $shown_from::date)
order by period_start
