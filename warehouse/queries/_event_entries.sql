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

start_events as materialized (
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

first_times as (
    select
        who,
        case when $entry = 'recurring' then cohort_start end as cohort_start,
        case when $entry = 'recurring' then dimension_value end as dimension_value,
        min(event_time) as event_time
    from start_events
    group by all
),

-- Most have one event at that moment: only the others need to be put in order.
first_events as (
    select start_events.*
    from start_events
    inner join first_times
        on
            start_events.who = first_times.who
            and start_events.event_time = first_times.event_time
            and (
                $entry <> 'recurring'
                or (
                    start_events.cohort_start = first_times.cohort_start
                    and start_events.dimension_value
                    is not distinct from first_times.dimension_value
                )
            )
    qualify
        row_number() over (
            partition by
                start_events.who,
                first_times.cohort_start,
                first_times.dimension_value
            order by start_events.session_id, start_events.event_number
        ) = 1
)

select
    who,
    (dense_rank() over (order by who) - 1)::integer as member,
    cohort_start,
    event_time as entry_time,
    -- What periods are counted from: of the calendar, from the day.
    case when $clock = '24h' then event_time else cohort_start::timestamp end as counted_from,
    session_id,
    user_id,
    dimension_value
from first_events
where
    is_taken
    and ($entry_from::date is null or event_date >= $entry_from::date)
