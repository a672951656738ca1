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

steps_told as (
    select
        session_id,
        unnest(range(1, greatest(len(event_path) - 1, 2))) as place,
        unnest(
            list_transform(
                range(1, greatest(len(event_path) - 1, 2)),
                lambda nth: concat_ws(
                    ' > ', event_path[nth], event_path[nth + 1], event_path[nth + 2]
                )
            )
        ) as step
    from (
        select
            session_id,
            event_path
        from likest
        union all
        select
            session_id,
            event_path
        from dimensioned_sessions
        where session_id = $session_id
    )
),

-- Each where it first stands in the session asked for.
own_steps as (
    select
        step,
        min(place) as place
    from steps_told
    where session_id = $session_id
    group by step
),

steps_shared as (
    select
        others.session_id,
        list(others.step order by own_steps.place) as shared_steps
    from (select distinct session_id, step from steps_told) as others
    inner join own_steps on own_steps.step = others.step
    where others.session_id <> $session_id
    group by others.session_id
)

select
    likest.session_id,
    likest.user_id,
    likest.similarity,
    steps_shared.shared_steps
from likest
inner join steps_shared on steps_shared.session_id = likest.session_id
order by likest.similarity desc, likest.start_time desc, likest.session_id
