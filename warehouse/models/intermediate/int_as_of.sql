-- The newest event time loaded that is not later than now: what "active" is measured against.
-- A clock in the future does not make old data look fresh. Null when there are no events.
-- grain: one row
select max(stg_events.event_time) filter (stg_events.event_time <= stg_settings.now) as as_of
from stg_settings
left join stg_events on true
