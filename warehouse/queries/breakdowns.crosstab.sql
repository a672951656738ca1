-- Sessions and their users by two dimensions at once: the values with the most sessions of each
-- side, the rest of it, and its total. Each cell is counted by itself, none as a sum of others.
-- grain: one row x column; no row without sessions
with

cells_counted as materialized (
    select
        value_rank.row_rank as row_rank,
        value_rank.column_rank as column_rank,
        measured_sessions.* exclude (day_key, value_rank)
    from measured_sessions
),

users_counted as (
    select
        value_rank.row_rank as row_rank,
        value_rank.column_rank as column_rank,
        user_count
    from counted_users
),

-- Cells without a session are told too.
sides_crossed as (
    select
        rows_met.row_rank,
        columns_met.column_rank
    from (select distinct row_rank from cells_counted) as rows_met
    cross join (select distinct column_rank from cells_counted) as columns_met
)

select
    shown_values.dimension_key as row_value,
    shown_columns.column_key as column_value,
    sides_crossed.column_rank = -1 as is_row_total,
    sides_crossed.row_rank = -1 as is_column_total,
    sides_crossed.row_rank = 0 as is_row_other,
    sides_crossed.column_rank = 0 as is_column_other,
    coalesce(columns('_count$'), 0),
    columns(lambda name: not name similar to '.*_(count|key|rank)')
from sides_crossed
left join cells_counted using (row_rank, column_rank)
left join users_counted using (row_rank, column_rank)
left join shown_values on sides_crossed.row_rank = shown_values.value_rank
left join shown_columns on sides_crossed.column_rank = shown_columns.column_rank
order by
    sides_crossed.row_rank = -1,
    sides_crossed.row_rank = 0,
    sides_crossed.row_rank,
    sides_crossed.column_rank = -1,
    sides_crossed.column_rank = 0,
    sides_crossed.column_rank
