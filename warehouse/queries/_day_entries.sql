-- Which users enter in which day, week (from Monday) or month, by days that they were there on:
-- the first ever, the first in a segment, or each. The dates take the day itself.
-- grain: user x cohort_start x day x value of the dimension
select
    user_key as member,
    case $period
        when 'day' then entry_date
        when 'week' then date_trunc('week', entry_date)::date
        when 'month' then date_trunc('month', entry_date)::date
    end as cohort_start,
    cohort_start::timestamp as counted_from,
    dimension_value
from $entry_days
where
    ($entry_from::date is null or entry_date >= $entry_from::date)
    and entry_date <= $entry_to::date
