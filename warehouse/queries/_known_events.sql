-- Events of the sessions that the conditions take, of any date, and who each is of: the small
-- number of its user, or the person that its ids lead to. The dates of the filters choose among
-- them as each metric says. The place of a session is a number for one query.
-- grain: one event
select
    session_events.*,
    sessions.start_date,
    sessions.dimension_value,
    sessions.session_place,
    $who as who
from (
    select
        *,
        row_number() over () as session_place
    from scoped_sessions
) as sessions
inner join session_events on sessions.session_id = session_events.session_id
-- Only persons need the look at who is who: $joined_persons
