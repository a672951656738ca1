-- Sessions by a tracker's count that have events on more than one UTC day.
-- grain: one row per tracker_key
select source || chr(31) || tracker_session_id as tracker_key
from lake_events
where stream = 'tracker' and tracker_session_id is not null
group by source, tracker_session_id
having min(event_time)::date <> max(event_time)::date
