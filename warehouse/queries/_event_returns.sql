-- Who of a cohort did in which period what counts as a return: of the calendar, 0 that of the
-- entry, or of so many hours from the entry on.
-- grain: cohort_start x value_rank x period_number x block
with

members_back as (
    select
        ranked_entries.cohort_start,
        ranked_entries.value_rank,
        ranked_entries.member,
        case
            when $clock = '24h'
                then
                    (epoch_us(event_moments.moment) - epoch_us(ranked_entries.counted_from))
                    // ($step_hours * 3_600_000_000)
            else date_diff($period, ranked_entries.counted_from, event_moments.moment)
        end as period_number
    from ranked_entries
    inner join event_moments
        on
            ranked_entries.who = event_moments.who
            and ranked_entries.counted_from <= event_moments.moment
)

select
    cohort_start,
    value_rank,
    period_number,
    member >> 10 as block,
    bitstring_agg(member & 1023, 0, 1023) as users
from members_back
group by all
