-- Each user's newest closed sessions, as many as pattern_sessions; 1 is the newest. Of pruned
-- sessions those are kept that were among the newest.
-- scope: user
-- grain: one row per session_id
with

kept_sessions as (
    select
        user_id,
        unnest(newest_sessions) as kept
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
        kept.session_id,
        user_id,
        kept.start_time,
        kept.duration_seconds,
        kept.is_suspect,
        kept.action_count,
        kept.error_count
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
