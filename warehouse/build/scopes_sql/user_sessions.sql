-- Sessions with an event in the scope. Numbers are of the whole session; a text stays as far as an
-- event in the scope tells it too.
-- grain: one row per session_id
select sessions.* replace ($replaced)
from user_sessions as sessions
semi join scope_events on scope_events.session_id = sessions.session_id
left join told_values as told on told.session_id = sessions.session_id
