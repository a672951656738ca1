-- Typed rows with what their user agents say. Who names a browser or a system is believed.
-- grain: one row per row read
select
    typed.* replace (
        coalesce(agents.device_type, typed.device_type) as device_type,
        coalesce(typed.browser, agents.browser) as browser,
        coalesce(typed.os, agents.os) as os,
        case when agents.user_agent is null then typed.user_agent end as user_agent
    )
from typed
left join agents on agents.user_agent = typed.user_agent
