-- Of each stream of the build the most queries that a session has.
-- grain: one row per stream
select
    stream,
    max(query_count) as query_count
from built_sessions
group by stream
