-- What is asked of sessions when others are made anew: of those that are to be known, which are of
-- the build or were made here.
-- grain: one row per session_id
select
    session_id,
    stream,
    given_session_id,
    sources,
    user_id,
    user_key,
    start_time,
    end_time,
    event_count,
    session_number,
    is_open,
    $is_built as is_built
from sessions_to_know
