-- The rows of a chunk whose id is in the lake or earlier in their file.
-- grain: one row per row
select suspect_rows.row
from suspect_rows
left join ids_written on ids_written.event_id = suspect_rows.given_id
qualify
    ids_written.event_id is not null
    or row_number() over (partition by suspect_rows.given_id order by suspect_rows.row) > 1
