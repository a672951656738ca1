-- The session asked for beside the newest others of the last days, and how alike they are:
-- Jaccard's index (shared of all) of their sets of three event types in a row, repeats in a row
-- once. What has fewer than three is one such set. Bots are compared with bots.
-- https://en.wikipedia.org/wiki/Jaccard_index
-- grain: one other session
with

sessions_laid_out as (
    select
        session_id,
        user_id,
        user_key,
        start_time,
        is_bot,
        event_path
    from dimensioned_sessions
    where len(event_path) > 0
),

session_asked as (
    select *
    from sessions_laid_out
    where session_id = $session_id
),

-- Only the newest are looked at.
looked_at_from as (
    select min(start_time) as start_time
    from (
        select others.start_time
        from sessions_laid_out as others
        inner join session_asked
            on others.is_bot = session_asked.is_bot and others.session_id <> $session_id
        where others.start_time > $as_of::timestamp - $likeness_window::interval
        order by others.start_time desc
        limit $most_sessions
    )
),

others as (
    select
        sessions_laid_out.*,
        session_asked.user_id = sessions_laid_out.user_id as is_of_same_user
    from sessions_laid_out
    inner join session_asked
        on
            sessions_laid_out.is_bot = session_asked.is_bot
            and sessions_laid_out.session_id <> $session_id
    inner join looked_at_from on sessions_laid_out.start_time >= looked_at_from.start_time
),

threes_told as materialized (
    select
        session_id,
        unnest(
            list_distinct(
                list_transform(
                    range(1, greatest(len(event_path) - 1, 2)),
                    lambda nth: hash(event_path[nth], event_path[nth + 1], event_path[nth + 2])
                )
            )
        ) as three
    from (
        select
            session_id,
            event_path
        from others
        union all
        select
            session_id,
            event_path
        from session_asked
    )
),

own_threes as (
    select three
    from threes_told
    where session_id = $session_id
),

threes_counted as (
    select
        threes_told.session_id,
        count(*) as three_count,
        count(own_threes.three) as shared_count
    from threes_told
    left join own_threes on threes_told.three = own_threes.three
    group by threes_told.session_id
)

select
    others.*,
    threes_counted.shared_count
    / ((select count(*) from own_threes) + threes_counted.three_count - threes_counted.shared_count)
        as similarity
from others
inner join threes_counted on others.session_id = threes_counted.session_id
