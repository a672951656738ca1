-- The lake's events as they are, typed and deduplicated when they were loaded.
-- scope: session
-- grain: one row per source and event_id
select
    lake_events.event_id,
    lake_events.source,
    lake_events.stream,
    lake_events.user_id,
    lake_events.anonymous_id,
    lake_events.event_time,
    lake_events.event_type,
    lake_events.page,
    lake_events.page_host,
    lake_events.referrer,
    lake_events.campaign,
    lake_events.device_type,
    lake_events.browser,
    lake_events.os,
    lake_events.tracker_session_id,
    case
        when lake_events.stream = 'tracker' and lake_events.tracker_session_id is not null
            then lake_events.source || chr(31) || lake_events.tracker_session_id
    end as tracker_key,
    lake_events.chat_id,
    lake_events.session_type,
    lake_events.experiment_id,
    lake_events.model_group,
    lake_events.query_type,
    lake_events.properties
from lake_events
