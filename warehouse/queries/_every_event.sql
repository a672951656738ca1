-- Events of all sessions, and whether the conditions take the session; see known_events.
-- grain: one event
select
    session_events.*,
    scoped_sessions.is_taken,
    scoped_sessions.dimension_value,
    $who as who
from (
    select
        session_id,
        user_key,
        ($include_bots or not is_bot) and $conditions as is_taken,
        $dimension_value as dimension_value
    from dimensioned_sessions
) as scoped_sessions
inner join session_events on scoped_sessions.session_id = session_events.session_id
-- Only persons need the look at who is who: $joined_persons
