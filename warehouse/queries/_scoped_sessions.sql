-- Sessions that the conditions take, of any date, with what the metrics average: what rates and
-- durations leave out stands in int_counted_sessions.
-- The conditions are put together by condition_sql.py, as is the value of the dimension that
-- sessions are broken down by: null when by none, and a list where one may have several. In a
-- cross-tab they are broken down by a second one too.
-- grain: one session
select
    *,
    $dimension_value as dimension_value,
    $crossed_value as crossed_value
from dimensioned_sessions
where
    ($include_bots or not is_bot)
    and $conditions
