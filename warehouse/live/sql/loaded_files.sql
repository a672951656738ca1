-- The files whose events are in the build.
-- grain: one row per file load
select
    source,
    file
from load_runs
where status = 'loaded'
