-- Sessions whose events follow each other as those of one session do, the most alike first.
-- grain: one session
with

likest as (
    select
        *,
        list_transform(
            range(1, greatest(len(event_path) - 1, 2)),
            lambda nth: array_to_string(event_path[nth:nth + 2], ' > ')
        ) as steps
    from compared_sessions
    where similarity > 0
    order by similarity desc, start_time desc, session_id
    limit $row_limit
),

session_asked as (
    select list_transform(
        range(1, greatest(len(event_path) - 1, 2)),
        lambda nth: array_to_string(event_path[nth:nth + 2], ' > ')
    ) as steps
    from user_sessions
    where session_id = $session_id
),

-- Where the steps in common stand in the session asked for.
places_shared as (
    select
        likest.*,
        session_asked.steps as own_steps,
        list_sort(
            list_transform(
                list_intersect(session_asked.steps, likest.steps),
                lambda step: list_position(session_asked.steps, step)
            )
        ) as places
    from likest
    cross join session_asked
)

select
    session_id,
    user_id,
    similarity,
    list_transform(places, lambda place: own_steps[place]) as shared_steps
from places_shared
order by similarity desc, start_time desc, session_id
