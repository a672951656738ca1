-- What the accepted rows of a chunk come to, file by file.
-- grain: one row per file
select
    line >> 40 as place,
    count(*) as accepted,
    count(given_id) as given,
    min(event_time) as first_time,
    max(event_time) as last_time,
    count(*) filter (event_time < timestamp '2000-01-01') as early
from typed_rows
where reason is null
group by all
