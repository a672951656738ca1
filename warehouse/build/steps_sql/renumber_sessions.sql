-- Gives the sessions that are another of their user's sessions now their number.
update user_sessions
set
    session_number = renumbered.session_number,
    is_new_user = renumbered.session_number = 1
from working.renumbered_sessions as renumbered
where renumbered.session_id = user_sessions.session_id
