-- The rows of a chunk that may be duplicates by the hash of their id, with the id itself.
-- grain: one row per row
select
    row,
    given_id
from numbered_rows
semi join suspects using (row)
