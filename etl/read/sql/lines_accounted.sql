-- What became of the lines of a delimited file that are not blank, to compare with how many it has.
-- grain: one row
select
    (select count(text) from lines) as filled,
    (select count(*) + coalesce(sum(filled_breaks), 0) from row_lines) as of_rows,
    count(*) as rejected,
    coalesce(max(strlen(raw)), 0) as longest,
    coalesce(bool_or(contains(raw, chr(10))), false) as is_broken
from rejected_places
