-- The lake's events as they are, typed and deduplicated when they were loaded; their pages by the
-- names that page rules give them.
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
    coalesce(int_page_names.page, lake_events.page) as page,
    int_page_names.raw_page,
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
    lake_events.tags,
    lake_events.assets,
    lake_events.properties
from lake_events
left join int_page_names on int_page_names.raw_page = lake_events.page
