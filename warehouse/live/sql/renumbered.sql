-- Sessions of the build that stay as they are, but are another of their user's sessions now.
-- grain: one row per session_id
select
    known.session_id,
    known.user_id,
    numbers.session_number
from working.known_sessions as known
inner join int_session_numbers as numbers on numbers.session_id = known.session_id
where known.is_built and numbers.session_number <> known.session_number
