-- Users some of whose sessions may change and were not looked up yet: those who have fresh events,
-- and those who have a session of a tracker's id that comes again. At first those whose session was
-- open, too.
-- grain: one row per user_id
with

tracker_keys as (
    select distinct
        source,
        tracker_session_id
    from working.fresh_events
    where stream = 'tracker' and tracker_session_id is not null
),

users_met as (
    select user_id
    from working.fresh_events
    union
    select sessions.user_id
    from built_sessions as sessions
    semi join tracker_keys
        on
            tracker_keys.tracker_session_id = sessions.given_session_id
            and tracker_keys.source = sessions.sources[1]
    union
    select user_id
    from built_sessions
    where is_open and $is_first
)

select user_id
from users_met
anti join working.users_looked_up as known using (user_id)
