-- Events of all sessions but those of bots: what known_events says where nothing else is asked of
-- sessions, without a look at them. By its place a session is told from those around it.
-- grain: one event
select
    *,
    null::varchar as dimension_value,
    (hash(session_id) >> 1)::bigint as session_place
from session_events
where not is_bot
