-- Rejected rows, most rows first.
-- grain: source x file x reason
select *
from rejected_summary
order by row_count desc, source asc, file asc, reason asc
