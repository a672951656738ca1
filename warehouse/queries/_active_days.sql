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
-- Few sessions go on past midnight: only they need the longer look.
select
    scoped_sessions.session_id,
    scoped_sessions.user_id,
    scoped_sessions.user_key,
    scoped_sessions.dimension_value,
    scoped_sessions.crossed_value,
    overnight_days.event_date
from overnight_days
inner join scoped_sessions on overnight_days.session_id = scoped_sessions.session_id
where
    scoped_sessions.end_date > scoped_sessions.start_date
    and overnight_days.event_date > scoped_sessions.start_date
    and ($pruned_before::date is null or overnight_days.event_date >= $pruned_before::date)
    and ($first_date::date is null or overnight_days.event_date >= $first_date::date)
    and ($first_date::date is null or scoped_sessions.end_date >= $first_date::date)
    and ($last_date::date is null or overnight_days.event_date <= $last_date::date)
