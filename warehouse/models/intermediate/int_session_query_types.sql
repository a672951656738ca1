-- The kinds of queries of each session, sorted.
-- scope: session
-- grain: one row per session_id that has some
select
    session_id,
    list_sort(list_distinct(list(query_type))) as query_types
from session_events
where
    is_query
    and query_type is not null
group by session_id
