-- The settings of this build, typed, with the time the build was started and the first day that
-- was not pruned.
-- grain: one row
select
    now::timestamp as now,
    given_settings.time_zone,
    to_microseconds(timeout_us) as timeout,
    timeout_us,
    idle_timeout_us,
    bounce_duration_us / 1000000.0 as bounce_seconds,
    bounce_actions,
    abandoned_queries,
    suspect_after_us / 1000000.0 as suspect_seconds,
    pattern_sessions,
    pattern_actions,
    rage_clicks,
    rage_click_time_us,
    rage_click_distance,
    repeated_query_time_us,
    -- As people write them: 3 clicks within 1 s, 1.5 s.
    regexp_replace((rage_click_time_us / 1000000.0)::varchar, '[.]0$', '') as rage_click_seconds,
    regexp_replace((repeated_query_time_us / 1000000.0)::varchar, '[.]0$', '')
        as repeated_query_seconds,
    ends,
    starts,
    -- Among events of one time these types come first, and those last.
    list_prepend('session_start', starts) as first_events,
    list_prepend('session_end', ends) as last_events,
    passive_events,
    query_events,
    error_events,
    idle_events,
    leave_events,
    internal_hosts,
    has_page_rules,
    lake_prunes.pruned_before,
    coalesce(lake_prunes.queried_streams, []) as queried_streams
from given_settings
left join lake_prunes on true
