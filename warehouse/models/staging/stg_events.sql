-- The lake's events as they are: typed and deduplicated when they were loaded.
-- grain: one row per source and event_id
select
    event_id,
    source,
    stream,
    user_id,
    anonymous_id,
    event_time,
    event_type,
    page,
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
    tags,
    assets,
    properties
from lake_events
