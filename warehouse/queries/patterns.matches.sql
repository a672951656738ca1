-- Events of sessions with the conditions of a pattern that they hold, in the order of each session:
-- of those that the filters take, or of all that may lie in its days.
-- grain: one event that holds one of the conditions
with

events_asked as (
    select
        *,
        -- A bit of each condition that holds.
        $holding as holding,
        -- Only where a pattern ends so is it of use.
        $is_last as is_last
    from $events
    where
        ($pruned_before::date is null or $day >= $pruned_before::date)
        and ($first_date::date is null or $day >= $first_date::date)
        and ($last_date::date is null or $day <= $until_date)
)

select
    session_place as unit,
    epoch_us(event_time) as event_us,
    event_number as place,
    holding,
    is_last,
    session_id,
    user_id
from events_asked
where holding <> 0
order by session_place, event_number
