-- The sessions of closure_seeds, and those that touch them: one session may end at the very time at
-- which the next one starts, and events are told apart by their times here.
-- grain: one row per session_id
with recursive

seeds as (
    select candidates.*
    from closure_candidates as candidates
    semi join closure_seeds on closure_seeds.session_id = candidates.session_id
),

neighbours as (
    select *
    from closure_candidates
    where given_session_id is null and user_id in (select user_id from seeds)
),

final as (
    select *
    from seeds
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
