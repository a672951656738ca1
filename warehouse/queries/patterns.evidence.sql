-- What speaks for the pattern of sessions: how many show each of its indicators.
-- grain: one pattern and indicator
select
    pattern,
    indicator,
    count(*) as session_count,
    count(*) / any_value(pattern_count) as share
from (
    select
        pattern,
        unnest(pattern_indicators) as indicator,
        pattern_count
    from (
        select
            pattern,
            pattern_indicators,
            count(*) over (partition by pattern) as pattern_count
        from filtered_sessions
        where pattern is not null
    )
)
group by pattern, indicator
order by pattern, session_count desc, indicator
