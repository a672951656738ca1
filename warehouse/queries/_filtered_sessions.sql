-- Sessions that the filters take: a session belongs to the local day of its start.
-- grain: one session
select *
from scoped_sessions
where
    ($first_date::date is null or start_date >= $first_date::date)
    and ($last_date::date is null or start_date <= $last_date::date)
