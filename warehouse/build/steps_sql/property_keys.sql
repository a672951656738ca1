-- The keys of the events' properties, or of the object in them that $path leads to, those of most
-- events first.
-- grain: one key
select key
from (select unnest(json_keys(properties, $path)) as key from session_events)
group by key
order by count(*) desc, key asc
