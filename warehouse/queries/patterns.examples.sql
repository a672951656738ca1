-- Sessions that show a pattern, those that show it best first; of users with a pattern, and with a
-- sign of frustration, the newest.
-- grain: one session
select
    session_id,
    user_id,
    start_time,
    duration_seconds,
    action_count,
    error_count,
    case when $of = 'session' then pattern_confidence end as confidence,
    case
        when $of = 'session' then pattern_indicators
        else list_transform(string_split(indicator_set, ', '), lambda name: replace(name, '_', ' '))
    end as indicators
from filtered_sessions
where
    case $of
        when 'session' then pattern = $pattern
        when 'frustration' then not is_open and contains(indicator_set, $pattern)
        else user_id in (select user_id from user_patterns where user_patterns.pattern = $pattern)
    end
order by confidence desc nulls last, start_time desc, session_id
limit $row_limit
