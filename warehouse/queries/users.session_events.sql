-- Events of one session, in their order.
-- grain: one event
with

session_chosen as (
    select
        session_id,
        user_id,
        start_time
    from user_sessions
    where session_id = $session_id
)

select
    session_events.event_number,
    session_events.event_time,
    date_diff('microsecond', session_chosen.start_time, session_events.event_time) / 1e6
        as seconds_since_start,
    date_diff(
        'microsecond',
        lag(session_events.event_time) over (order by session_events.event_number),
        session_events.event_time
    ) / 1e6 as gap_seconds,
    $idle_limit::double as idle_limit_seconds,
    session_events.event_type,
    coalesce(session_events.raw_page, session_events.page) as page,
    session_events.is_action,
    session_events.is_query,
    session_events.is_error,
    session_events.source,
    session_events.chat_id,
    session_events.properties
from session_events
-- Events lie sorted by user: joining the user too lets whole blocks be passed over.
inner join session_chosen
    on
        session_events.user_id = session_chosen.user_id
        and session_events.session_id = session_chosen.session_id
order by session_events.event_number
