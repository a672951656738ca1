-- The sources that the sessions of the filters come from.
-- grain: one source
select distinct unnest(sources) as source
from filtered_sessions
order by source
