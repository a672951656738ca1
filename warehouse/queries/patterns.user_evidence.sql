-- What speaks for the pattern of users with a session of the filters: medians of what their newest
-- sessions say, whatever is filtered.
-- grain: one pattern
select
    user_patterns.pattern,
    count(*) as user_count,
    median(user_patterns.session_count) as median_sessions,
    median(user_patterns.avg_duration_seconds) as median_duration_seconds,
    median(user_patterns.avg_actions) as median_actions,
    median(user_patterns.newest_session_errors) as median_errors
from user_patterns
where user_patterns.user_id in (select user_id from filtered_sessions)
group by user_patterns.pattern
order by user_count desc, user_patterns.pattern asc
