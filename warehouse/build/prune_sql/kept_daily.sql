-- The numbers of the days before the cut, as the build tells them.
-- grain: one row per stream and stat_date
select * exclude (is_pruned)
from daily_session_stats
where stat_date < $pruned_before::date
order by stat_date, stream
