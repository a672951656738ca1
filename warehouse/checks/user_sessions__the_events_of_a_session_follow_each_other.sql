-- Sessions of a piece with events of another session between theirs.
-- scope: session
select session_id
from int_session_totals
where last_position - first_position + 1 <> event_count
