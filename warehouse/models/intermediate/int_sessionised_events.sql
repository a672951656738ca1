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
        stg_events.*,
        case
            when stream = 'inactivity' then user_id
            else chr(31) || coalesce(chr(31) || tracker_key, user_id)
        end as timeline
    from stg_events
    cross join stg_settings
    order by
        timeline,
        event_time,
        case
            when list_contains(stg_settings.first_events, event_type) then 0
            when list_contains(stg_settings.last_events, event_type) then 2
            else 1
        end,
        event_id,
        source
),

-- The rows are in order, timeline after timeline, so that no window has to sort them again:
-- an event's predecessor is the row above, if that one is of the same timeline.
rows_compared as (
    select
        *,
        row_number() over () as position,
        coalesce(lag(timeline) over () = timeline, false) as has_predecessor,
        event_time - lag(event_time) over () as silence,
        lag(event_type) over () as type_before
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
            and (
                silence > stg_settings.timeout
                or list_contains(stg_settings.ends, type_before)
                or list_contains(stg_settings.starts, event_type)
            )
        ) as is_session_start,
        list_contains(stg_settings.idle_events, type_before) as is_after_idle
    from rows_compared
    cross join stg_settings
),

sessions_counted as (
    select
        * exclude (
            idle_timeout_us, timeline, has_predecessor, silence, type_before, is_after_idle
        ),
        sum(is_session_start::int) over (
            rows unbounded preceding -- noqa: PRS
        )::bigint as session_index,
        case
            when is_session_start or is_after_idle then 0
            else least(epoch_us(silence), idle_timeout_us)
        end as engaged_us
    from starts_flagged
),

-- What is looked up comes last, so that less is sorted.
final as (
    select
        sessions_counted.* exclude (user_id, page),
        coalesce(int_tracked_users.user_id, sessions_counted.user_id) as user_id,
        coalesce(int_page_names.page, sessions_counted.page) as page,
        int_page_names.raw_page
    from sessions_counted
    left join int_tracked_users on int_tracked_users.tracker_key = sessions_counted.tracker_key
    left join int_page_names on int_page_names.raw_page = sessions_counted.page
)

select * from final
