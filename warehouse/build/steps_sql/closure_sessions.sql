-- The sessions of met_sessions, and those that touch them: one session may end at the very time at
-- which the next one starts, and events are told apart by their times here.
-- grain: one row per session_id
with recursive

met as (
    select all_sessions.*
    from all_sessions
    semi join met_sessions on met_sessions.session_id = all_sessions.session_id
),

neighbours as (
    select *
    from all_sessions
    where given_session_id is null and user_id in (select user_id from met)
),

final as (
    select *
    from met
    union
    select neighbours.*
    from final
    inner join neighbours
        on
            neighbours.user_id = final.user_id
            and neighbours.stream = final.stream
            and neighbours.start_time <= final.end_time
            and neighbours.end_time >= final.start_time
    where final.given_session_id is null
)

select * from final
