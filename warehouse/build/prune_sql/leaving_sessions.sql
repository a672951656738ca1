-- Sessions that a prune takes: those over before the cut. Of a user they are always the first
-- ones: once a session stays, all that began after it stay, so that those are numbered as before.
-- grain: one row per session_id
with

first_staying as (
    select
        user_id,
        min({ 'start_time': start_time, 'session_id': session_id }) as first_one
    from user_sessions
    where end_time >= $time::timestamp or is_open
    group by user_id
),

final as (
    select user_sessions.*
    from user_sessions
    left join first_staying on first_staying.user_id = user_sessions.user_id
    where
        first_staying.first_one is null
        or {
            'start_time': user_sessions.start_time, 'session_id': user_sessions.session_id
        } < first_staying.first_one
)

select * from final
