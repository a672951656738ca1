-- The measures of sessions: one line each, described in metrics/registry.py. By day, week (from
-- Monday) or month where $grain says so, by the shown values where a dimension is named (the rest
-- has no value_rank), or by the cells of two; with neither, of all sessions. A query computes what
-- it selects. Behind a rate, `_n` is how many sessions it is of; behind a mean, also `_sd`, how
-- much they differ.
-- grain: day_key x value_rank; no row without sessions
select
    case $grain
        when 'day' then start_date
        when 'week' then date_trunc('week', start_date)::date
        when 'month' then date_trunc('month', start_date)::date
    end as day_key,
    value_rank,
    count(*) as session_count,
    count(*) filter (not is_open) as closed_session_count,
    count(*) filter (is_open) as open_session_count,
    -- A user has one first session.
    count(*) filter (is_new_user) as new_user_count,
    avg(timed_seconds) as avg_duration_seconds,
    stddev_samp(timed_seconds) as avg_duration_seconds_sd,
    count(timed_seconds) as avg_duration_seconds_n,
    avg(timed_seconds) filter (has_duration) as avg_duration_seconds_multi,
    stddev_samp(timed_seconds) filter (has_duration) as avg_duration_seconds_multi_sd,
    count(timed_seconds) filter (has_duration) as avg_duration_seconds_multi_n,
    -- Written alike, both are taken from one sorting.
    quantile_cont(timed_seconds, [0.5, 0.9])[1] as median_duration_seconds,
    quantile_cont(timed_seconds, [0.5, 0.9])[2] as p90_duration_seconds,
    avg(timed_engaged_seconds) as avg_engaged_seconds,
    stddev_samp(timed_engaged_seconds) as avg_engaged_seconds_sd,
    count(timed_engaged_seconds) as avg_engaged_seconds_n,
    avg(action_count) as actions_per_session,
    stddev_samp(action_count) as actions_per_session_sd,
    count(action_count) as actions_per_session_n,
    avg(bounced) as bounce_rate,
    count(bounced) as bounce_rate_n,
    avg(had_error) as error_rate,
    count(had_error) as error_rate_n,
    avg(abandoned) as abandonment_rate,
    count(abandoned) as abandonment_rate_n,
    count(*) filter (not has_duration) as one_event_session_count,
    avg(had_one_event) as one_event_session_rate,
    count(had_one_event) as one_event_session_rate_n,
    count(*) filter (is_suspect) as suspect_session_count
    -- Those of dwell.toml: $own_metrics
from $placed_sessions
group by all
