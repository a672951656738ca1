-- Mapped rows with texts that are what rules 1 (etl/lake/rules.py) took them for.
-- grain: one row per row read
select
    * replace (
        meaningful(filled(user_id)) as user_id,
        meaningful(filled(anonymous_id)) as anonymous_id,
        readable_time(time) as time
    )
from mapped_rows
