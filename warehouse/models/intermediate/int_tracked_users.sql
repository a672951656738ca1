-- The user of every session that a tracker counts: its first known one, else its first. A visitor
-- who logs in on the way has been that user from the start.
-- scope: session
-- grain: one row per tracker_key
select
    tracker_key,
    arg_min(
        user_id,
        {
            'is_anonymous': coalesce(user_id = anonymous_id, false),
            'event_time': event_time,
            'event_id': event_id
        }
    ) as user_id
from stg_events
where stream = 'tracker' and tracker_key is not null
group by tracker_key
