-- Whether a stream has query events at all, or had some that were pruned: only then can a
-- session lack them.
-- grain: one row per stream
select
    totals.stream,
    bool_or(
        totals.query_count > 0 or list_contains(stg_settings.queried_streams, totals.stream)
    ) as has_queries
from int_session_totals as totals
cross join stg_settings
group by totals.stream
