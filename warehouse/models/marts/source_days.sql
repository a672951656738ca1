-- What each source captured on each local day, by the start of its sessions: what a tracker that
-- fails leaves out, and what a broken export or a robot puts in. A session of two sources counts
-- for both, but what its events tell is nobody's: the counts below that say "alone" leave it out.
-- Bots are left out of all counts but theirs.
-- scope: day
-- key: start_date
-- grain: one row per source and start_date
with

-- Of a path of types, repeats in a row stand once.
sessions_judged as (
    select
        unnest(sources) as source,
        start_date,
        start_hour,
        event_count,
        is_bot,
        not is_bot and len(sources) = 1 as is_alone,
        is_new_user and duration_seconds < 5 as is_hasty,
        not is_open and has_duration as can_end,
        list_has_any(event_path, ['session_end', 'logout']) as is_ended,
        -- A beat is due every five minutes.
        duration_seconds >= 300 and not is_suspect as is_long,
        list_contains(event_path, 'heartbeat') as has_heartbeat,
        event_count >= 2 * len(event_path) as is_repeated
    from user_sessions
),

days_counted as (
    select
        source,
        start_date,
        count(*) filter (not is_bot) as session_count,
        count(*) filter (is_bot) as bot_count,
        count(*) filter (is_alone) as alone_count,
        count(*) filter (is_alone and is_hasty) as hasty_count,
        coalesce(sum(event_count) filter (is_alone), 0)::bigint as event_count,
        coalesce(max(event_count) filter (is_alone), 0) as largest_count,
        count(*) filter (is_alone and can_end) as closed_count,
        count(*) filter (is_alone and can_end and is_ended) as ended_count,
        count(*) filter (is_alone and is_long) as long_count,
        count(*) filter (is_alone and is_long and has_heartbeat) as heartbeat_count,
        count(*) filter (is_alone and is_repeated) as repeated_count,
        histogram(start_hour::int) filter (not is_bot) as hours
    from sessions_judged
    group by source, start_date
),

final as (
    select
        source, -- Name of the source.
        start_date, -- Local day.
        session_count, -- Sessions that start on the day.
        bot_count, -- Those of bots, left out of all other counts.
        alone_count, -- Sessions of this source alone.
        hasty_count, -- Alone: their users' first ones, under 5 s.
        event_count, -- Alone: events of all of them.
        largest_count, -- Alone: events of the largest one.
        closed_count, -- Alone: closed, with two or more events.
        ended_count, -- Of these, those with a session_end or logout.
        long_count, -- Alone: of 5 minutes or more, up to a day.
        heartbeat_count, -- Of these, those with a heartbeat.
        repeated_count, -- Alone: twice as many events as their path of types has steps, or more.
        list_transform(range(24), lambda hour: coalesce(hours[hour::int], 0)::int)
            as hour_counts -- Sessions by the local hour of their start, from 0 to 23.
    from days_counted
)

select * from final
order by start_date, source
