-- The pattern of each session: the highest score of at least one half.
-- grain: one row per session_id that shows a pattern
select
    session_id,
    arg_min(pattern, { 'score': -score, 'tie_rank': tie_rank }) as pattern,
    max(score) as pattern_confidence,
    arg_min(indicators, { 'score': -score, 'tie_rank': tie_rank }) as pattern_indicators
from session_patterns
where score >= 0.5
group by session_id
