-- Puts every event into exactly one session.
-- A session is a user's unbroken run of events: it ends once the user has been silent for
-- longer than the timeout, or has logged out. Midnight does not end it. Where a tracker counts
-- sessions itself, its session id decides instead.
-- scope: session
-- kept as: view
-- grain: one row per source and event_id
with

-- A timeline is what sessions are cut from: a user's events in one stream, or what the tracker
-- says is one session, whoever its events name. A tracker's events without an id make a timeline
-- of their user that is cut by inactivity.
-- event_id breaks ties. Exports share timestamps, and without it an event could move to
-- another session from one build to the next.
timelines_laid_out as (
    select
        stg_events.* exclude (user_id, event_type, tags, assets),
        int_event_types.type_number,
        int_event_types.order_rank,
        int_event_types.is_start,
        int_event_types.is_end,
        int_event_types.is_idle,
        stg_events.user_id as given_user_id,
        coalesce(int_tracked_users.user_id, stg_events.user_id) as user_id,
        case
            when stg_events.stream = 'inactivity' then stg_events.user_id
            else chr(31) || coalesce(chr(31) || stg_events.tracker_key, stg_events.user_id)
        end as timeline
    from stg_events
    inner join int_event_types on int_event_types.event_type = stg_events.event_type
    left join int_tracked_users on int_tracked_users.tracker_key = stg_events.tracker_key
    order by
        timeline,
        stg_events.event_time,
        int_event_types.order_rank,
        stg_events.event_id,
        stg_events.source
),

-- The rows are in order, timeline after timeline, so that no window has to sort them again:
-- an event's predecessor is the row above, if that one is of the same timeline.
rows_compared as (
    select
        *,
        row_number() over () as position,
        coalesce(lag(timeline) over () = timeline, false) as has_predecessor,
        event_time - lag(event_time) over () as silence,
        lag(is_end) over () as is_after_end,
        lag(is_idle) over () as is_after_idle
    from timelines_laid_out
),

-- The first event of a timeline has no predecessor, and starts a session all the same.
starts_flagged as (
    select
        rows_compared.*,
        stg_settings.idle_timeout_us,
        not has_predecessor
        or (
            tracker_key is null
            and (silence > stg_settings.timeout or is_after_end or is_start)
        ) as is_session_start
    from rows_compared
    cross join stg_settings
),

final as (
    select
        * exclude (
            order_rank, is_start, is_end, is_idle, idle_timeout_us, timeline, has_predecessor,
            silence, is_after_end, is_after_idle
        ),
        sum(is_session_start::int) over (
            rows unbounded preceding -- noqa: PRS
        )::bigint as session_index,
        case
            when is_session_start or is_after_idle then 0
            else least(epoch_us(silence), idle_timeout_us)
        end as engaged_us
    from starts_flagged
)

select * from final
