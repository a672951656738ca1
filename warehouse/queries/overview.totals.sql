-- Headline numbers of the period.
-- grain: one row
with

users_counted as (
    select count(distinct user_id) as user_count
    from active_days
),

sessions_counted as (
    select
        count(*) as session_count,
        count(*) filter (not is_open) as closed_session_count,
        count(*) filter (is_open) as open_session_count,
        -- A user has one first session.
        count(*) filter (is_new_user) as new_user_count,
        avg(timed_seconds) as avg_duration_seconds,
        avg(timed_seconds) filter (has_duration) as avg_duration_seconds_multi,
        quantile_cont(timed_seconds, [0.5, 0.9]) as duration_quantiles,
        avg(timed_engaged_seconds) as avg_engaged_seconds,
        avg(action_count) as actions_per_session,
        avg(bounced) as bounce_rate,
        avg(had_error) as error_rate,
        avg(abandoned) as abandonment_rate,
        count(*) filter (not has_duration) as one_event_session_count,
        avg(had_one_event) as one_event_session_rate,
        count(*) filter (is_suspect) as suspect_session_count
    from filtered_sessions
)

select
    sessions_counted.session_count,
    sessions_counted.closed_session_count,
    sessions_counted.open_session_count,
    users_counted.user_count,
    sessions_counted.new_user_count,
    sessions_counted.avg_duration_seconds,
    sessions_counted.avg_duration_seconds_multi,
    sessions_counted.duration_quantiles[1] as median_duration_seconds,
    sessions_counted.duration_quantiles[2] as p90_duration_seconds,
    sessions_counted.avg_engaged_seconds,
    sessions_counted.actions_per_session,
    sessions_counted.bounce_rate,
    sessions_counted.error_rate,
    sessions_counted.abandonment_rate,
    sessions_counted.one_event_session_count,
    sessions_counted.one_event_session_rate,
    sessions_counted.suspect_session_count
from sessions_counted
cross join users_counted
