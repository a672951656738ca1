-- Sessions that are another of their user's sessions now than they were.
-- grain: one row per session_id
select
    numbers.session_id,
    numbers.session_number,
    sessions.start_date,
    (sessions.session_number = 1) <> (numbers.session_number = 1) as is_new_user_changed,
    sessions.part,
    sessions.row
from int_session_numbers as numbers
inner join working.known_sessions as sessions on sessions.session_id = numbers.session_id
where sessions.session_number <> numbers.session_number
