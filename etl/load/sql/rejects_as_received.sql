-- The rejected rows of a chunk as their lines stood in the file, or as they were read.
-- grain: one row per rejected row
select
    typed_rows.line,
    typed_rows.reason,
    received.raw,
    false as is_broken,
    false as is_cut
from typed_rows
inner join received on received.line = typed_rows.line
where typed_rows.reason is not null
