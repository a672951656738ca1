-- Each user's newest closed sessions, as many as pattern_sessions; 1 is the newest. Of pruned
-- sessions those are kept that were among the newest.
-- scope: user
-- grain: one row per session_id
with

kept_sessions as (
    select
        user_id,
        unnest(newest_sessions) as told
    from stg_kept_users
),

closed_sessions as (
    select
        session_id,
        user_id,
        start_time,
        duration_seconds,
        is_suspect,
        action_count,
        error_count
    from user_sessions
    where not is_open
    union all
    select
        told.session_id,
        user_id,
        told.start_time,
        told.duration_seconds,
        told.is_suspect,
        told.action_count,
        told.error_count
    from kept_sessions
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_id order by start_time desc, session_id desc
        ) as newness
    from closed_sessions
),

final as (
    select ranked.*
    from ranked
    cross join stg_settings
    where ranked.newness <= stg_settings.pattern_sessions
)

select * from final
