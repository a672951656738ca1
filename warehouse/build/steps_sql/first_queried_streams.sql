-- Streams that have their first query: their sessions so far lacked none, and now they do.
-- grain: one row per stream
select stream
from int_streams
where has_queries and stream in (select stream from user_sessions where is_abandoned is null)
order by stream
