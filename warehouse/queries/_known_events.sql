-- Events of the sessions that the conditions take, of any date, and who each is of: the small
-- number of its user, or the person that its ids lead to. The dates of the filters choose among
-- them as each metric says.
-- grain: one event
select
    session_events.*,
    scoped_sessions.start_date,
    scoped_sessions.dimension_value,
    $who as who
from scoped_sessions
inner join session_events on scoped_sessions.session_id = session_events.session_id
-- Only persons need the look at who is who: $joined_persons
