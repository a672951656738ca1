-- The first events of all sessions, whether the conditions take the session, and who each is of:
-- enough to tell who was there first. A session past midnight, or of an id that leads to others, is
-- here with all its events: it may be of several days, or people.
-- grain: one event
with

-- Put down first, so that all events meet these few sessions alone.
sessions_looked_into as materialized (
    select *
    from told_sessions
    where start_date <> end_date or $looks_closer
)

select
    session_events.*,
    $who_of_event as who
from (
    select
        session_id,
        user_id,
        user_key,
        start_time as event_time,
        start_date as event_date,
        1 as event_number,
        is_taken,
        dimension_value
    from told_sessions
    where start_date = end_date and not $looks_closer
    union all
    select
        sessions_looked_into.session_id,
        sessions_looked_into.user_id,
        sessions_looked_into.user_key,
        session_events.event_time,
        session_events.event_date,
        session_events.event_number,
        sessions_looked_into.is_taken,
        sessions_looked_into.dimension_value
    from sessions_looked_into
    inner join session_events on sessions_looked_into.session_id = session_events.session_id
) as session_events
-- Only persons need the look at who is who: $joined_persons
