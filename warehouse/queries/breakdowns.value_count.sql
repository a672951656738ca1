-- How many different values a dimension has; what is not known is none.
-- grain: one row
select count(distinct dimension_key) as value_count
from valued_sessions
