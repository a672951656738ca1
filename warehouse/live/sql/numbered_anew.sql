-- The renumbered sessions as user_sessions has them.
-- grain: one row per session_id
select
    sessions.* replace (
        renumbered.session_number as session_number,
        renumbered.session_number = 1 as is_new_user
    )
from working.renumbered as renumbered
inner join built_sessions as sessions
    on sessions.user_id = renumbered.user_id and sessions.session_id = renumbered.session_id
