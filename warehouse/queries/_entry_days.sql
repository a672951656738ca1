-- The local days on which users enter a cohort: that of their first event ever, that of their first
-- in a session that the filters take, or each day with one. Dates take the day itself.
-- grain: user x day (a user who enters once has one row)
select
    user_key,
    start_date as entry_date
from filtered_sessions
where
    $entry = 'first'
    and is_new_user
    and ($entry_from::date is null or start_date >= $entry_from::date)
    and start_date <= $entry_to::date
union all
select
    user_key,
    min(event_date) as entry_date
from active_days
where $entry = 'segment'
group by user_key
having
    ($entry_from::date is null or min(event_date) >= $entry_from::date)
    and min(event_date) <= $entry_to::date
union all
select
    user_key,
    event_date as entry_date
from active_days
where
    $entry = 'recurring'
    and ($entry_from::date is null or event_date >= $entry_from::date)
    and event_date <= $entry_to::date
