-- Puts every event into exactly one session.
-- A session is a user's unbroken run of events: it ends once the user has been silent for
-- longer than the timeout, or has logged out. Midnight does not end it. Where a tracker counts
-- sessions itself, its session id decides instead.
-- grain: one row per source and event_id
with

-- A timeline is what sessions are cut from: a user's events in one stream, or what the tracker
-- says is one session, whoever its events name. A tracker's events without an id make a timeline
-- of their user that is cut by inactivity.
timelines_laid_out as (
    select
        stg_events.* exclude (user_id),
        int_event_types.* exclude (event_type),
        int_tracked_users.tracker_key,
        coalesce(int_tracked_users.user_id, stg_events.user_id) as user_id
    from stg_events
    inner join int_event_types on int_event_types.event_type = stg_events.event_type
    left join int_tracked_users
        on
            stg_events.stream = 'tracker'
            and int_tracked_users.tracker_key
            = stg_events.source || chr(31) || stg_events.tracker_session_id
),

-- event_id breaks ties. Exports share timestamps, and without it an event could move to
-- another session from one build to the next.
predecessors_found as (
    select
        *,
        event_time - lag(event_time) over timeline as silence,
        lag(is_end) over timeline as is_after_end,
        lag(is_idle) over timeline as is_after_idle
    from timelines_laid_out
    window timeline as (
        partition by stream, user_id, tracker_key
        order by event_time, order_rank, event_id, source
    )
),

-- The first event of a timeline has no silence before it, and starts a session all the same.
starts_flagged as (
    select
        predecessors_found.*,
        stg_settings.idle_timeout_us,
        coalesce(
            tracker_key is null
            and (silence > stg_settings.timeout or is_after_end or is_start),
            true
        ) or silence is null as is_session_start
    from predecessors_found
    cross join stg_settings
),

sessions_numbered as (
    select
        *,
        count(*) filter (is_session_start) over timeline as timeline_session_number
    from starts_flagged
    window timeline as (
        partition by stream, user_id, tracker_key
        order by event_time, order_rank, event_id, source
    )
),

-- A session is named after its first event, not its number: a late event then renames only
-- the sessions that it touches, never every later one.
final as (
    select
        * exclude (
            order_rank, tracker_key, is_start, idle_timeout_us, timeline_session_number, silence,
            is_after_end, is_after_idle, is_session_start
        ),
        md5(first_value(source || chr(31) || event_id) over session_timeline) as session_id,
        row_number() over session_timeline as event_number,
        case
            when is_session_start or is_after_idle then 0
            else least(extract(epoch from silence) * 1000000, idle_timeout_us)::bigint
        end as engaged_us
    from sessions_numbered
    window session_timeline as (
        partition by stream, user_id, tracker_key, timeline_session_number
        order by event_time, order_rank, event_id, source
    )
)

select * from final
