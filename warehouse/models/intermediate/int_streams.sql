-- Whether a stream has query events at all, or had some that were pruned: only then can a
-- session lack them.
-- grain: one row per stream
select
    sessions.stream,
    bool_or(
        sessions.query_count > 0 or list_contains(stg_settings.queried_streams, sessions.stream)
    ) as has_queries
from int_sessions as sessions
cross join stg_settings
group by sessions.stream
