-- Streams that have their first query: their sessions so far lacked none, and now they do. And
-- those that have none any more: what a row told of them was put right by events.
-- grain: one row per stream
select
    stream,
    has_queries
from int_streams
where
    (has_queries and stream in (select stream from user_sessions where is_abandoned is null))
    or (
        not has_queries
        and stream in (select stream from user_sessions where is_abandoned is not null)
    )
order by stream
