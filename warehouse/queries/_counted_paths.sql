-- How many sessions took each path. Many share one, and there are fewer to look at from here on.
-- grain: one path
select
    path,
    count(*) as session_count
from session_paths
group by path
