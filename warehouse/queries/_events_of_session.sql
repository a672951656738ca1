-- Events of one session, with the gaps between them.
-- grain: one event
select
    session_events.event_number,
    session_events.event_time,
    date_diff('microsecond', chosen.start_time, session_events.event_time) / 1e6
        as seconds_since_start,
    date_diff(
        'microsecond',
        lag(session_events.event_time) over (order by session_events.event_number),
        session_events.event_time
    ) / 1e6 as gap_seconds,
    session_events.event_type,
    coalesce(session_events.raw_page, session_events.page) as page,
    session_events.is_action,
    session_events.is_query,
    session_events.is_error,
    session_events.source,
    session_events.chat_id,
    session_events.properties
from session_events
inner join chosen_session as chosen
    on
        session_events.user_id = chosen.user_id
        and session_events.event_date = chosen.event_date
        and session_events.session_id = chosen.session_id
