-- The first events of each source, with the number of the session that each is in.
-- grain: one row per event
with

first_events as (
    select
        *,
        min(event_time) over (partition by session_id) as session_start
    from session_events
    qualify row_number() over (partition by source order by event_time, event_id) <= 5
)

select
    source,
    event_time,
    user_id,
    event_type,
    page,
    dense_rank() over (partition by source order by session_start, session_id) as session_number,
    event_id,
    page_host,
    referrer,
    campaign,
    device_type,
    browser,
    os,
    tracker_session_id,
    chat_id,
    session_type,
    experiment_id,
    model_group,
    query_type,
    properties
from first_events
order by source, event_time, event_id
