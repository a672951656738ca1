-- The lake's events as they are, typed and deduplicated when they were loaded.
-- scope: session
-- grain: one row per source and event_id
select
    lake_events.*,
    case
        when lake_events.stream = 'tracker' and lake_events.tracker_session_id is not null
            then lake_events.source || chr(31) || lake_events.tracker_session_id
    end as tracker_key
from lake_events
