-- Events of all sessions, whether the conditions take the session, and who each is of: the small
-- number of its user, or the person that its ids lead to.
-- grain: one event
select
    session_events.*,
    sessions.is_taken,
    sessions.dimension_value,
    $who as who
from (
    select
        session_id,
        user_key,
        ($include_bots or not is_bot) and $conditions as is_taken,
        $dimension_value as dimension_value
    from dimensioned_sessions
) as sessions
inner join session_events on sessions.session_id = session_events.session_id
-- Only persons need the look at who is who: $joined_persons
