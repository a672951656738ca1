-- The pattern that a set of indicators makes: the highest score of at least one half.
-- grain: one row per indicator_set that shows a pattern
select
    indicator_set,
    arg_min(pattern, { 'score': -score, 'tie_rank': tie_rank }) as pattern,
    max(score) as pattern_confidence,
    arg_min(indicators, { 'score': -score, 'tie_rank': tie_rank }) as pattern_indicators
from pattern_scores
where score >= 0.5
group by indicator_set
