-- The scores of the sets of indicators that a session in the scope shows.
-- grain: one row per indicator_set and pattern
select scores.*
from pattern_scores as scores
semi join scope_sessions as sessions on sessions.indicator_set = scores.indicator_set
