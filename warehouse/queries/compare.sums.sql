-- What each cell is estimated from: units, sessions, and of each measure the sums over units (x,
-- y), how many units, and sessions, have any (n, m), and how far they are from the ratio: (x - r *
-- y)^2 (s).
-- Ratios come first and distances after, since to subtract large sums from each other loses digits.
-- grain: one cell
with

unit_sums as materialized (
    select
        $unit as unit,
        cell_number,
        user_key,
        $sessions_of_unit as session_count
        -- x_1, y_1, …: $unit_sums
    from $compared
    -- A session is a unit as it is; of all else: $by_unit
),

cell_sums as materialized (
    select
        cell_number,
        $user_count as user_count,
        sum(session_count)::bigint as session_count
        -- x_1, y_1, n_1, …: $cell_sums
    from unit_sums
    group by cell_number
),

cell_distances as (
    select
        unit_sums.cell_number
        -- s_1, …: $cell_distances
    from unit_sums
    inner join cell_sums on cell_sums.cell_number = unit_sums.cell_number
    group by unit_sums.cell_number
)

select
    cell_sums.*,
    cell_distances.* exclude (cell_number)
from cell_sums
inner join cell_distances on cell_distances.cell_number = cell_sums.cell_number
