-- What is known of users, whatever is filtered: the dimensions of sessions whose scope is the
-- user. What dwell.toml adds is a column of users. A user's activity is that of the days before
-- as-of, all sessions counted.
-- grain: one user
with

recent_sessions as (
    select
        user_id,
        count(*) as session_count
    from user_sessions
    where start_time > $as_of::timestamp - $activity_window::interval
    group by user_id
)

select
    users.*,
    users.pattern as user_pattern,
    strftime(users.first_date, '%Y-%m') as cohort_month,
    users.session_count as user_session_count,
    case
        when recent_sessions.session_count > $power_user_sessions then 'power_user'
        when recent_sessions.session_count > $regular_user_sessions then 'regular_user'
        else 'occasional_user'
    end as activity_level
from users
left join recent_sessions on recent_sessions.user_id = users.user_id
