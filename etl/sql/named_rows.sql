-- Accepted rows that all came with an id: nothing has to be worked out.
-- grain: one row per accepted row
select
    * exclude (given_id, reason, record),
    given_id as event_id,
    false as is_derived
from typed_rows
where reason is null
