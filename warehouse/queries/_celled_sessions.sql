-- Sessions by the cells of a cross-tab; the rank of a cell is that of its two sides.
-- grain: one session x cell
select
    filtered_sessions.*,
    struct_pack(
        row_rank := shown_cells.row_rank, column_rank := shown_cells.column_rank
    ) as value_rank
from filtered_sessions
inner join shown_cells
    on
        filtered_sessions.dimension_value is not distinct from shown_cells.dimension_value
        and filtered_sessions.crossed_value is not distinct from shown_cells.crossed_value
