-- Sessions that the filters take: a session belongs to the local day of its start. Of days that
-- were pruned only those sessions are left that go on past the cut: they are in no total.
-- grain: one session
select *
from scoped_sessions
where
    ($pruned_before::date is null or start_date >= $pruned_before::date)
    and ($first_date::date is null or start_date >= $first_date::date)
    and ($last_date::date is null or start_date <= $last_date::date)
