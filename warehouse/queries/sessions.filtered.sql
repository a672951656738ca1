-- The sessions that the filters take, with what the metrics average of them.
-- grain: one session
select * exclude (dimension_value, crossed_value)
from filtered_sessions
