-- Days on which sessions have events, by the shown values of the dimension; the rest has no
-- value_rank. When sessions are not broken down, all are the rest.
-- grain: one session x local date x value
with

valued_days as (
    select
        event_date,
        user_key,
        $dimension_key as dimension_key
    from active_days
)

select
    valued_days.event_date,
    valued_days.user_key,
    shown_values.value_rank
from valued_days
left join shown_values
    on
        $is_broken_down
        and valued_days.dimension_key is not distinct from shown_values.dimension_key
