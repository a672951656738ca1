-- The events that closure_sessions are made of, out of closure_files.
-- grain: one row per source and event_id
with

spans as (
    select
        stream,
        user_id,
        start_time,
        end_time
    from closure_sessions
    where given_session_id is null
),

tracker_keys as (
    select
        source,
        given_session_id
    from closure_sessions
    where given_session_id is not null
),

untracked as (
    select events.*
    from closure_files as events
    semi join spans
        on
            spans.user_id = events.user_id
            and spans.stream = events.stream
            and events.event_time >= spans.start_time
            and events.event_time <= spans.end_time
    where events.stream <> 'tracker' or events.tracker_session_id is null
),

tracked as (
    select events.*
    from closure_files as events
    semi join tracker_keys
        on
            tracker_keys.source = events.source
            and tracker_keys.given_session_id = events.tracker_session_id
    where events.stream = 'tracker'
)

select * from untracked
union all
select * from tracked
