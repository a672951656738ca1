-- The newest event time loaded that is not later than now: what "active" is measured against.
-- A clock in the future does not make old data look fresh; where all events are in the future,
-- as-of is now. Null when there are no events.
-- grain: one row
select
    coalesce(
        max(lake_spans.last_event_time) filter (
            lake_spans.last_event_time <= stg_settings.now
        ),
        case when count(lake_spans.last_event_time) > 0 then any_value(stg_settings.now) end
    ) as as_of
from stg_settings
left join lake_spans on true
