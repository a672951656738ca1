-- The settings that this build was made with.
-- grain: one setting
select
    name,
    value,
    default_value,
    help
from settings
