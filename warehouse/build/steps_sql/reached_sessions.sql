-- Sessions that may be others now: those that new events come as near to as the timeout, those of a
-- tracker's id that has new events, and those that were open and run out as of now.
-- grain: one row per session_id
select sessions.session_id
from working.known_sessions as sessions
cross join stg_settings
inner join working.new_spans as spans
    on
        spans.user_id = sessions.user_id
        and spans.stream = sessions.stream
        and spans.first_time <= sessions.end_time + stg_settings.timeout
        and spans.last_time >= sessions.start_time - stg_settings.timeout
where sessions.given_session_id is null and spans.tracker_key is null
union
select sessions.session_id
from working.known_sessions as sessions
inner join working.new_spans as spans
    on spans.tracker_key = sessions.sources[1] || chr(31) || sessions.given_session_id
where sessions.given_session_id is not null
union
select sessions.session_id
from working.known_sessions as sessions
cross join stg_settings
cross join int_as_of
where
    sessions.is_open
    and epoch_us(int_as_of.as_of) - epoch_us(sessions.end_time) > stg_settings.timeout_us
