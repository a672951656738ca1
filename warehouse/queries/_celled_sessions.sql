-- Sessions by the cells of a cross-tab.
-- grain: one session x cell
select
    filtered_sessions.*,
    shown_cells.value_rank
from filtered_sessions
inner join shown_cells
    on
        filtered_sessions.dimension_value is not distinct from shown_cells.dimension_value
        and filtered_sessions.crossed_value is not distinct from shown_cells.crossed_value
