-- The behaviour pattern of every user, from the newest closed sessions, with its evidence.
-- scope: user
-- key: user_id
-- grain: one row per user_id
with

-- Microseconds add up to the same in any order of the sessions; fractions of seconds do not.
evidence_summed as (
    select
        user_id,
        count(*) as session_count,
        avg(round(duration_seconds * 1000000)::bigint) filter (not is_suspect) / 1000000.0
            as avg_duration_seconds,
        avg(action_count) as avg_actions,
        max(error_count) filter (newness = 1) as newest_session_errors
    from int_newest_closed_sessions
    group by user_id
),

everyone as (
    select user_id
    from user_sessions
    union
    select user_id
    from stg_kept_users
),

final as (
    select
        everyone.user_id, -- The user.
        case
            when coalesce(evidence.session_count, 0) = 0 then 'new_user'
            when evidence.avg_duration_seconds > 1800 and evidence.avg_actions > 50
                then 'power_user'
            when evidence.avg_duration_seconds < 300 then 'quick_checker'
            when evidence.newest_session_errors > 5 then 'struggling_user'
            else 'regular_user'
        end as pattern, -- The first rule that holds.
        coalesce(evidence.session_count, 0) as session_count, -- Closed sessions looked at.
        evidence.avg_duration_seconds, -- Their mean duration; sessions over 24 h left out.
        evidence.avg_actions, -- Their mean number of actions.
        evidence.newest_session_errors -- Errors of the newest of them.
    from everyone
    left join evidence_summed as evidence on evidence.user_id = everyone.user_id
)

select * from final
order by user_id
