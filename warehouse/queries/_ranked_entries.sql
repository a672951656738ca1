-- Who enters which cohort, by the shown values of the dimension: 0 is of all others, and of
-- everybody when cohorts are not broken down.
-- grain: member x cohort_start x value, or more rows of one
select
    valued_entries.* exclude (dimension_key),
    coalesce(entry_values.value_rank, 0) as value_rank
from (select * exclude (dimension_value), $dimension_key as dimension_key from $entries)
    as valued_entries
left join entry_values
    on
        $is_broken_down
        and valued_entries.dimension_key is not distinct from entry_values.dimension_key
