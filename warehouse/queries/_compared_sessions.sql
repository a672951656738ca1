-- The session asked for beside the newest others of the last days, and how alike they are:
-- Jaccard's index (shared of all) of their sets of three event types in a row, repeats in a row
-- once. What has fewer than three is one such set. Bots are compared with bots.
-- https://en.wikipedia.org/wiki/Jaccard_index
-- grain: one other session
with

session_asked as (
    select
        session_id,
        is_bot,
        list_distinct(
            list_transform(
                range(1, greatest(len(event_path) - 1, 2)),
                lambda nth: hash(event_path[nth], event_path[nth + 1], event_path[nth + 2])
            )
        ) as grams
    from user_sessions
    where session_id = $session_id and len(event_path) > 0
),

starts_known as (
    select user_sessions.start_time
    from user_sessions
    inner join session_asked
        on
            user_sessions.is_bot = session_asked.is_bot
            and user_sessions.session_id <> session_asked.session_id
    where user_sessions.start_time > $as_of::timestamp - $likeness_window::interval
),

-- Only the newest are looked at.
looked_at_from as (
    select min(start_time) as start_time
    from (
        select start_time
        from starts_known
        order by start_time desc
        limit $most_sessions
    )
),

others_laid_out as (
    select
        others.session_id,
        others.user_id,
        others.user_key,
        others.start_time,
        others.event_path,
        session_asked.grams as own_grams,
        list_transform(
            range(1, greatest(len(others.event_path) - 1, 2)),
            lambda nth: hash(
                others.event_path[nth], others.event_path[nth + 1], others.event_path[nth + 2]
            )
        ) as grams
    from user_sessions as others
    inner join session_asked
        on
            others.is_bot = session_asked.is_bot
            and others.session_id <> session_asked.session_id
    inner join looked_at_from on others.start_time >= looked_at_from.start_time
    where len(others.event_path) > 0
),

others_counted as (
    select
        *,
        len(list_intersect(own_grams, grams)) as shared_count
    from others_laid_out
)

select
    session_id,
    user_id,
    user_key,
    start_time,
    event_path,
    case
        when shared_count = 0 then 0
        else shared_count / (len(own_grams) + len(list_distinct(grams)) - shared_count)
    end as similarity
from others_counted
