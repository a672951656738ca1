-- Sessions with the value of the dimension that they are broken down by; one with several values
-- stands under each.
-- grain: one session x value
select
    *,
    $dimension_key as dimension_key
from filtered_sessions
