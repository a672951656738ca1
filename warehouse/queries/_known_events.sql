-- Events of the sessions that the conditions take, of any date, and who each is of: the small
-- number of its user, or the person that its ids lead to. The dates of the filters choose among
-- them as each metric says. By its place a session is told from others of the user.
-- grain: one event
select
    session_events.*,
    sessions.start_date,
    sessions.dimension_value,
    (hash(session_events.session_id) >> 1)::bigint as session_place,
    $who as who
from scoped_sessions as sessions
inner join session_events on sessions.session_id = session_events.session_id
-- Only persons need the look at who is who: $joined_persons
