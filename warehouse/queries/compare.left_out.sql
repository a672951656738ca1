-- Units that are in several groups, and their sessions of any of these.
-- grain: one row
select
    count(distinct $unit) as unit_count,
    count(distinct session_id) as session_count
from valued_sessions
where
    dimension_key is not null
    and $unit in (select shared_units.unit from shared_units)
