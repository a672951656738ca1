-- Days on which sessions have events, by the cells of a cross-tab.
-- grain: one session x local date x cell
select
    active_days.event_date,
    active_days.user_key,
    shown_cells.value_rank
from active_days
inner join shown_cells
    on
        active_days.dimension_value is not distinct from shown_cells.dimension_value
        and active_days.crossed_value is not distinct from shown_cells.crossed_value
