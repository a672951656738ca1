-- Every file load, newest first.
-- grain: one file load
select *
from load_runs
order by loaded_at desc, source asc, file asc
