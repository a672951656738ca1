-- Who enters in which day, week (from Monday) or month, by the events that fulfil the start: the
-- first ever, whose session the filters have to take; the first in a session that they take; or the
-- first such event of each period. Of events at one moment the first is that of the session that
-- comes first by its id, as in the numbers of a user's sessions.
-- grain: who x cohort_start x value of the dimension
with

-- Who came in days that were pruned did not come first in those that are left.
early_users as (
    select user_id
    from users
    where $entry = 'first' and $starts_with_any and first_date < $pruned_before::date
),

start_events as (
    select
        who,
        event_date,
        case $period
            when 'day' then event_date
            when 'week' then date_trunc('week', event_date)::date
            when 'month' then date_trunc('month', event_date)::date
        end as cohort_start,
        is_taken and user_id not in (select early_users.user_id from early_users) as is_taken,
        event_time,
        session_id,
        event_number,
        user_id,
        dimension_value
    from $start_events
    where
        $start_holds
        and ($entry = 'first' or is_taken)
        and (
            $entry <> 'recurring' or $entry_from::date is null or event_date >= $entry_from::date
        )
        and ($pruned_before::date is null or event_date >= $pruned_before::date)
        and event_date <= $entry_to::date
),

entries as (
    select
        who,
        arg_min(
            struct_pack(
                cohort_start, event_date, is_taken, event_time, session_id, user_id, dimension_value
            ),
            (event_time, session_id, event_number)
        ) as entry
    from start_events
    group by
        who,
        case when $entry = 'recurring' then cohort_start end,
        case when $entry = 'recurring' then dimension_value end
)

select
    who,
    (dense_rank() over (order by who) - 1)::integer as member,
    entry.cohort_start,
    entry.event_time as entry_time,
    -- What periods are counted from: of the calendar, from the day.
    case when $clock = '24h' then entry.event_time else entry.cohort_start::timestamp end
        as counted_from,
    entry.session_id,
    entry.user_id,
    entry.dimension_value
from entries
where
    entry.is_taken
    and ($entry_from::date is null or entry.event_date >= $entry_from::date)
