-- Days whose row of all streams is missing, or has not the sessions of its streams. A user of both
-- streams is one there: so users are at most those of the streams, and at least the most of one.
select stat_date
from daily_session_stats
where not is_pruned
group by stat_date
having
    count(*) filter (stream = 'all') <> 1
    or sum(total_sessions) filter (stream = 'all') <> sum(total_sessions) filter (stream <> 'all')
    or sum(bot_sessions) filter (stream = 'all') <> sum(bot_sessions) filter (stream <> 'all')
    or sum(unique_users) filter (stream = 'all') > sum(unique_users) filter (stream <> 'all')
    or max(unique_users) filter (stream = 'all') < max(unique_users) filter (stream <> 'all')
