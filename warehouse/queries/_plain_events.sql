-- Events of all sessions but those of bots: what known_events says where nothing else is asked of
-- sessions, without a look at them.
-- grain: one event
select
    *,
    null::varchar as dimension_value
from placed_events
where not is_bot
