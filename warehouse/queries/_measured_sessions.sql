-- The measures of sessions: one line each, described in metrics/registry.py. By day where
-- $by_day is set, by the shown values of $dimension where one is named (the rest has no
-- value_rank); with neither, of all sessions. A query computes what it selects.
-- grain: day_key x value_rank; no row without sessions
select
    case when $by_day then filtered_sessions.start_date end as day_key,
    shown_values.value_rank,
    shown_values.dimension_key,
    count(*) as session_count,
    count(*) filter (not is_open) as closed_session_count,
    count(*) filter (is_open) as open_session_count,
    -- A user has one first session.
    count(*) filter (is_new_user) as new_user_count,
    avg(timed_seconds) as avg_duration_seconds,
    avg(timed_seconds) filter (has_duration) as avg_duration_seconds_multi,
    -- Written alike, both are taken from one sorting.
    quantile_cont(timed_seconds, [0.5, 0.9])[1] as median_duration_seconds,
    quantile_cont(timed_seconds, [0.5, 0.9])[2] as p90_duration_seconds,
    avg(timed_engaged_seconds) as avg_engaged_seconds,
    avg(action_count) as actions_per_session,
    avg(bounced) as bounce_rate,
    avg(had_error) as error_rate,
    avg(abandoned) as abandonment_rate,
    count(*) filter (not has_duration) as one_event_session_count,
    avg(had_one_event) as one_event_session_rate,
    count(*) filter (is_suspect) as suspect_session_count
from filtered_sessions
left join shown_values
    on
        $dimension is not null
        and filtered_sessions.dimension_key is not distinct from shown_values.dimension_key
group by all
