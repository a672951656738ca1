-- Events with the timeline that each is on.
-- A timeline is what sessions are cut from: a user's events in one stream, or what the tracker
-- says is one session, whoever its events name. A tracker's events without an id make a timeline
-- of their user that is cut by inactivity.
-- scope: session
-- kept as: view
-- grain: one row per source and event_id
select
    *,
    case
        when stream = 'inactivity' then user_id
        else chr(31) || coalesce(chr(31) || tracker_key, user_id)
    end as timeline
from stg_events
