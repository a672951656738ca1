-- Events of all sessions but those of bots, with the small number of their user, and whether two
-- sessions of the user may have events of one time.
-- grain: one event
select
    session_events.*,
    null::varchar as dimension_value,
    users.user_key as who,
    users.has_touching_sessions
from session_events
inner join users on session_events.user_id = users.user_id
where not session_events.is_bot
