-- The rows of a chunk, in their order, with an id for those that came without.
-- grain: one row per row typed
select
    numbered_rows.* exclude (row) replace (
        coalesce(
            given_id, md5(described.description || ':' || (described.before + described.place))
        ) as given_id
    )
from numbered_rows
left join described on described.row = numbered_rows.row
order by numbered_rows.row
