-- Each user's newest closed sessions, as many as pattern_sessions; 1 is the newest.
-- grain: one row per session_id
with

ranked as (
    select
        user_sessions.*,
        row_number() over (
            partition by user_sessions.user_id
            order by user_sessions.start_time desc, user_sessions.session_id desc
        ) as newness
    from user_sessions
    where not user_sessions.is_open
),

final as (
    select ranked.*
    from ranked
    cross join stg_settings
    where ranked.newness <= stg_settings.pattern_sessions
)

select * from final
