-- Events of all sessions but those of bots, with the small number of their user. By their places
-- sessions are told apart where two of a user may have events of one time, which are few.
-- grain: one event
select
    session_events.*,
    null::varchar as dimension_value,
    users.user_key as who,
    case
        when users.has_touching_sessions then (hash(session_events.session_id) >> 1)::bigint
        else 0
    end as session_place
from session_events
inner join users on session_events.user_id = users.user_id
where not session_events.is_bot
