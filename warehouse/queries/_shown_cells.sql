-- The cells of a cross-tab that a session is in, by its values of both dimensions. On each side it
-- is in each of its shown values, once in the rest (0) when it has any other value, and in the
-- total (-1). The rank of a cell is that of its two sides.
-- grain: one pair of values that sessions have x cell
select
    dimension_value,
    crossed_value,
    struct_pack(row_rank := row_rank, column_rank := unnest(column_ranks)) as value_rank
from (
    select
        dimension_value,
        crossed_value,
        unnest(
            list_distinct([
                coalesce(list_position(shown_rows.keys, row_key), 0) for row_key in $row_keys
            ]) || [-1]
        ) as row_rank,
        list_distinct([
            coalesce(list_position(shown_across.keys, column_key), 0)
            for column_key in $column_keys
        ]) || [-1] as column_ranks
    from (select distinct dimension_value, crossed_value from active_days)
    cross join (
        select coalesce(list(dimension_key order by value_rank), []) as keys from shown_values
    ) as shown_rows
    cross join (
        select coalesce(list(column_key order by column_rank), []) as keys from shown_columns
    ) as shown_across
)
