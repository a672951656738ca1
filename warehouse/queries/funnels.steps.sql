-- Events that are of a step of a funnel, or of what it excludes, in no order: from the day on which
-- the first may be entered, up to as-of.
-- grain: one event
with

events_told as (
    select
        *,
        $unit as unit,
        -- A bit of each condition that holds.
        $holding as holding,
        -- Among events of one time these come first, and those last.
        case
            when event_type = 'session_start' or list_contains($starts, event_type) then 0
            when event_type = 'session_end' or list_contains($ends, event_type) then 2
            else 1
        end as type_rank
    from $events
    where
        event_time <= $as_of::timestamp
        and ($pruned_before::date is null or event_date >= $pruned_before::date)
        and ($first_date::date is null or event_date >= $first_date::date)
        and ($until_date::date is null or event_date <= $until_date::date)
),

events_placed as (
    select
        *,
        -- Only where nothing may lie between is it of use.
        $place as place
    from events_told
)

select
    unit,
    epoch_us(event_time) as event_us,
    event_number,
    session_place,
    holding,
    place,
    $last_date::date is null or event_date <= $last_date::date as may_begin,
    type_rank,
    event_id,
    source,
    event_date,
    session_id,
    user_id,
    dimension_value
from events_placed
where
    holding <> 0
    and ($moments::bigint[] is null or list_contains($moments::bigint[], epoch_us(event_time)))
