-- What a later build changed of each day, beside one before: events that came or went, sessions
-- that were merged or split, and the day's headline numbers in both. Of tables of changed rows.
-- grain: one local day that changed
with

events_came as (
    select
        event_date,
        source,
        copies
    from changed_session_events as mine
    anti join changed_session_events as other
        on
            mine.source = other.source
            and mine.event_id = other.event_id
            and sign(mine.copies) <> sign(other.copies)
),

events_of_sources as (
    select
        event_date as date,
        source,
        coalesce(sum(copies) filter (copies > 0), 0)::bigint as added,
        coalesce(-sum(copies) filter (copies < 0), 0)::bigint as removed
    from events_came
    group by event_date, source
),

events_of_days as (
    select
        date,
        sum(added)::bigint as events_added,
        sum(removed)::bigint as events_removed,
        list(
            struct_pack(source := source, added := added, removed := removed) order by source
        ) as sources
    from events_of_sources
    group by date
),

-- Events that are in another session now. The id of a session is made of its first event: one that
-- is in both builds still holds that one.
moves as (
    select distinct
        old.session_id as old_id,
        new.session_id as new_id
    from changed_session_events as old
    inner join changed_session_events as new
        on
            old.source = new.source
            and old.event_id = new.event_id
            and old.session_id <> new.session_id
    where old.copies < 0 and new.copies > 0
),

sessions_changed as (
    select distinct
        session_id,
        start_date,
        sign(copies) as side
    from changed_user_sessions
),

-- Seen from the later build sessions of the earlier one were merged; seen from that, split.
seen as (
    select
        'merged' as fate,
        new_id as whole_id,
        1 as side
    from moves
    union all
    select
        'split' as fate,
        old_id as whole_id,
        -1 as side
    from moves
),

-- A session that is in both builds is one of those that it is made of.
fates as (
    select
        fate,
        start_date as date,
        sum(others)::bigint as session_count
    from (
        select
            seen.fate,
            wholes.start_date,
            count(*) + count(distinct parts.session_id) - 1 as others
        from seen
        inner join sessions_changed as wholes
            on seen.whole_id = wholes.session_id and seen.side = wholes.side
        left join sessions_changed as parts
            on seen.whole_id = parts.session_id and seen.side = -parts.side
        group by seen.fate, seen.whole_id, wholes.start_date
    )
    where others > 0
    group by fate, start_date
),

headlines as (
    select
        coalesce(old.stat_date, new.stat_date) as date,
        coalesce(old.total_sessions, 0)::bigint as sessions_before,
        coalesce(new.total_sessions, 0)::bigint as sessions_after,
        old.bounce_rate as bounce_before,
        new.bounce_rate as bounce_after,
        old.median_duration_seconds as median_before,
        new.median_duration_seconds as median_after
    from (from before.daily_session_stats where stream = 'all') as old
    full outer join (from after.daily_session_stats where stream = 'all') as new
        on old.stat_date = new.stat_date
)

select
    coalesce(headlines.date, events_of_days.date) as date,
    coalesce(events_of_days.events_added, 0) as events_added,
    coalesce(events_of_days.events_removed, 0) as events_removed,
    coalesce(events_of_days.sources, []) as sources,
    coalesce(merged.session_count, 0) as sessions_merged,
    coalesce(split.session_count, 0) as sessions_split,
    headlines.sessions_before,
    headlines.sessions_after,
    headlines.bounce_before,
    headlines.bounce_after,
    headlines.median_before,
    headlines.median_after
from headlines
full outer join events_of_days on headlines.date = events_of_days.date
left join fates as merged
    on merged.fate = 'merged' and merged.date = coalesce(headlines.date, events_of_days.date)
left join fates as split
    on split.fate = 'split' and split.date = coalesce(headlines.date, events_of_days.date)
where
    events_of_days.date is not null
    or merged.date is not null
    or split.date is not null
    or headlines.sessions_before <> headlines.sessions_after
    or headlines.bounce_before is distinct from headlines.bounce_after
    or headlines.median_before is distinct from headlines.median_after
order by date desc
