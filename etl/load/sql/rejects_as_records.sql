-- The rejected rows of a chunk whose records were made of others: the record that was none.
-- grain: one row per rejected row
select
    line,
    reason,
    record,
    false as is_broken,
    false as is_cut
from typed_rows
where reason is not null
