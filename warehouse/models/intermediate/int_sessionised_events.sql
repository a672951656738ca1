-- Puts every event into exactly one session.
-- A session is a user's unbroken run of events: it ends once the user has been silent for
-- longer than the timeout, or has logged out. Midnight does not end it. Where a tracker counts
-- sessions itself, its session id decides instead. A session is told by timeline and session_index
-- together: whether the index goes on from one timeline to the next is the engine's.
-- scope: session
-- kept as: view
-- grain: one row per source and event_id
with

-- A timeline is what sessions are cut from: a user's events in one stream, or what the tracker
-- says is one session, whoever its events name. A tracker's events without an id make a timeline
-- of their user that is cut by inactivity.
-- Among events of one time type_rank decides, then event_id. Exports share timestamps, and without
-- an order among these an event could move to another session from one build to the next.
timelines_laid_out as (
    select
        stg_events.*,
        case
            when stream = 'inactivity' then user_id
            else chr(31) || coalesce(chr(31) || tracker_key, user_id)
        end as timeline,
        case
            when list_contains(stg_settings.first_events, event_type) then 0
            when list_contains(stg_settings.last_events, event_type) then 2
            else 1
        end as type_rank
    from stg_events
    cross join stg_settings
    order by timeline, event_time, type_rank, event_id, source
),

-- The rows are in order already, timeline after timeline. So DuckDB is not made to divide and sort
-- them anew for each window (warehouse/build/sorted_windows.py): to it the window is all rows as
-- they lie, and an event's predecessor the row above, if that one is of the same timeline.
rows_compared as (
    select
        *,
        row_number() over timeline as position,
        coalesce(lag(timeline) over timeline = timeline, false) as has_predecessor,
        epoch_us(event_time) - lag(epoch_us(event_time)) over timeline as silence_us,
        lag(event_type) over timeline as type_before
    from timelines_laid_out
    window timeline as (
        partition by timeline order by event_time, type_rank, event_id, source
    )
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
                silence_us > stg_settings.timeout_us
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
            idle_timeout_us, type_rank, has_predecessor, silence_us, type_before, is_after_idle
        ),
        (sum(is_session_start::int) over timeline)::bigint as session_index,
        case when not is_session_start then silence_us / 1e6 end as gap_seconds,
        case
            when is_session_start or is_after_idle then 0
            else least(silence_us, idle_timeout_us)
        end as engaged_us
    from starts_flagged
    window timeline as (
        partition by timeline order by event_time, type_rank, event_id, source
        rows unbounded preceding
    )
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
