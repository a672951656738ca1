-- Headline numbers by day, week or month. A period that is cut short, by the filters or by what was
-- pruned, is not complete.
-- grain: one period of $grain
select
    *,
    period_start >= $first_date::date
    and (period_start + ('1 ' || $grain)::interval)::date
    <= least($last_date::date + 1, $as_of_date::date)
    and ($pruned_before::date is null or period_start >= $pruned_before::date)
        as is_complete
from measured_periods
order by period_start
