-- The $row_limit values of the dimension with the most sessions, ties by alphabet; none when
-- sessions are not broken down. $contains looks for values with that text, in any case; $named
-- takes these alone.
-- grain: one value
select
    dimension_key,
    row_number() over (order by count(*) desc, dimension_key asc nulls last) as value_rank
from valued_sessions
where
    $is_broken_down
    and ($contains::varchar is null or contains(lower(dimension_key), lower($contains::varchar)))
    and ($named::varchar[] is null or list_position($named::varchar[], dimension_key) is not null)
group by dimension_key
qualify value_rank <= $row_limit
