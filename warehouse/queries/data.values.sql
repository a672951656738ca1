-- Values of one dimension in the period, those of most sessions first; null is not known.
-- grain: one value of $dimension
with

values_listed as (
    select
        unnest(
            case
                when not $is_list then [dimension_key]
                when len(dimension_keys) > 0 then dimension_keys
                else [null]
            end
        ) as value
    from filtered_sessions
)

select
    value,
    count(*) as session_count
from values_listed
group by value
order by session_count desc, value asc nulls last
limit $row_limit
