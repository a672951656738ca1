-- Which users enter in which day, week (from Monday) or month, by the days they were there on: that
-- of their first event ever, that of their first in a session that the filters take, or each. Dates
-- take the day itself.
-- grain: user x cohort_start x day x value of the dimension
with

entry_days as (
    select
        user_key,
        start_date as entry_date,
        dimension_value
    from filtered_sessions
    where $entry = 'first' and is_new_user
    union all
    -- In which of a day's sessions it was is not known here: see event_entries.
    select
        user_key,
        min(event_date) as entry_date,
        null as dimension_value
    from active_days
    where $entry = 'segment'
    group by user_key
    union all
    select
        user_key,
        event_date as entry_date,
        dimension_value
    from active_days
    where $entry = 'recurring'
)

select
    user_key as member,
    case $period
        when 'day' then entry_date
        when 'week' then date_trunc('week', entry_date)::date
        when 'month' then date_trunc('month', entry_date)::date
    end as cohort_start,
    cohort_start::timestamp as counted_from,
    dimension_value
from entry_days
where
    ($entry_from::date is null or entry_date >= $entry_from::date)
    and entry_date <= $entry_to::date
