-- Of the second dimension of a cross-tab, the $column_limit values with the most sessions, ties by
-- alphabet.
-- grain: one value
select
    column_key,
    row_number() over (order by count(*) desc, column_key asc nulls last) as column_rank
from (select unnest($column_keys) as column_key from filtered_sessions)
group by column_key
qualify column_rank <= $column_limit
