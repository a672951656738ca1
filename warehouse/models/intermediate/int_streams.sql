-- Whether a stream has query events at all: only then can a session lack them.
-- grain: one row per stream
select
    stream,
    bool_or(query_count > 0) as has_queries
from int_session_totals
group by stream
