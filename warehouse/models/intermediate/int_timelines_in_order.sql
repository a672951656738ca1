-- Timeline after timeline, each in the order of its events: session starts come first among equal
-- times, and ends last. event_id breaks ties. Exports share timestamps, and without it an event
-- could move to another session from one build to the next.
-- A piece of the lake that lies in order already is taken as it lies: warehouse/pieces.py.
-- scope: session
-- kept as: view
-- grain: one row per source and event_id
select int_timelines.*
from int_timelines
cross join stg_settings
order by
    timeline,
    event_time,
    case
        when list_contains(stg_settings.first_events, event_type) then 0
        when list_contains(stg_settings.last_events, event_type) then 2
        else 1
    end,
    event_id,
    source
