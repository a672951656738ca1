-- Events that are of a step of a funnel, or of what it excludes, in no order: from the day on which
-- the first may be entered, up to as-of.
-- grain: one event
with

events_told as (
    select
        *,
        $unit as unit,
        -- Whether the unit has another session with events of one time.
        $shares_moments as shares_moments,
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
        -- Few are read again, with what decides between them.
        and $at_moments
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
    -- The time, and what decides between events of one time.
    $moment as moment,
    event_number,
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
