-- Sessions of a table events (user_id, event_time) by plain DuckDB: 30 minutes of silence end one.
-- grain: one row per user_id and start_time
with

silences_measured as (
    select
        user_id,
        event_time,
        event_time - lag(event_time) over (partition by user_id order by event_time) as silence
    from events
),

sessions_numbered as (
    select
        user_id,
        event_time,
        -- Events of one time are counted together: the two windows may order them differently.
        sum(coalesce(silence > interval 30 minute, true)::int) over (
            partition by user_id order by event_time
        ) as session_number
    from silences_measured
)

select
    user_id,
    min(event_time) as start_time,
    max(event_time) as end_time,
    count(*) as event_count
from sessions_numbered
group by user_id, session_number
