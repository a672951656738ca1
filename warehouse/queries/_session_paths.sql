-- The paths of sessions: as the build keeps them, or as its events tell.
-- grain: one session
select *
from $told_paths
