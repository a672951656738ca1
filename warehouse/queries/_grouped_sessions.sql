-- Sessions of the groups that are compared, by the number of a cell: $groups are the groups, and
-- each of the segments that they are looked at in has as many cells as there are groups. Units that
-- are in several groups are in none: the frame shared_units has them.
-- grain: one session x cell
select
    *,
    $segment_number * len($groups::varchar[])
    + list_position($groups::varchar[], dimension_key) as cell_number
from valued_sessions
where
    list_position($groups::varchar[], dimension_key) is not null
    and $unit not in (select shared_units.unit from shared_units)
