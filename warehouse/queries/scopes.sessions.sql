-- The sessions of any day that conditions take, those of bots too: a scope begins with them.
-- grain: one session
select session_id
from scoped_sessions
