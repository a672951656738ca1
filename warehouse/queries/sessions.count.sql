-- How many sessions the filters take.
-- grain: one row
select count(*) as session_count
from filtered_sessions
