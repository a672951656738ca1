-- Days of the period on which a session has events. Users are counted by these, so a
-- session that began before the period and goes on inside it counts its user, though not
-- itself.
-- grain: session x local date
select
    session_id,
    user_id,
    user_key,
    dimension_value,
    crossed_value,
    start_date as event_date
from filtered_sessions
union all
-- Few sessions go on past midnight: only they need the longer look. They begin in the evening, or
-- are long, whatever the clocks do: each of both is a condition by which a scan passes over the
-- texts of all others.
select
    late_sessions.session_id,
    late_sessions.user_id,
    late_sessions.user_key,
    late_sessions.dimension_value,
    late_sessions.crossed_value,
    overnight_days.event_date
from overnight_days
inner join (
    select *
    from scoped_sessions
    where start_hour >= 18
    union all
    select *
    from scoped_sessions
    where start_hour < 18 and duration_seconds >= 3 * 3600
) as late_sessions
    on overnight_days.session_id = late_sessions.session_id
where
    late_sessions.end_date > late_sessions.start_date
    and overnight_days.event_date > late_sessions.start_date
    and ($pruned_before::date is null or overnight_days.event_date >= $pruned_before::date)
    and ($first_date::date is null or overnight_days.event_date >= $first_date::date)
    and ($first_date::date is null or late_sessions.end_date >= $first_date::date)
    and ($last_date::date is null or overnight_days.event_date <= $last_date::date)
