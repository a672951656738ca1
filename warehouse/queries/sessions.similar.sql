-- Sessions whose events follow each other as those of one session do, the most alike first.
-- grain: one session
with

likest as (
    select *
    from compared_sessions
    where similarity > 0
    order by similarity desc, start_time desc, session_id
    limit $row_limit
),

own_steps as (
    select list_transform(
        range(1, greatest(len(event_path) - 1, 2)),
        lambda nth: array_to_string(event_path[nth:nth + 2], ' > ')
    ) as steps
    from user_sessions
    where session_id = $session_id
)

select
    likest.session_id,
    likest.user_id,
    likest.similarity,
    list_filter(
        own_steps.steps,
        lambda step, nth: list_position(own_steps.steps, step) = nth
        and list_contains(
            list_transform(
                range(1, greatest(len(likest.event_path) - 1, 2)),
                lambda place: array_to_string(likest.event_path[place:place + 2], ' > ')
            ),
            step
        )
    ) as shared_steps
from likest
cross join own_steps
order by likest.similarity desc, likest.start_time desc, likest.session_id
