-- Who entered a cohort: each is one bit, in blocks (see period_users); and the moments from which
-- periods are counted, of the first who entered and of the last.
-- grain: cohort_start x value_rank x block
select
    cohort_start,
    value_rank,
    member >> 10 as block,
    bitstring_agg(member & 1023, 0, 1023) as users,
    min(counted_from) as first_from,
    max(counted_from) as last_from
from ranked_entries
group by all
