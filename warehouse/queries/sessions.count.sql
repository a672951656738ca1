-- How many sessions the filters take and the text is found in.
-- grain: one row
select count(*) as session_count
from found_sessions
