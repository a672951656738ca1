-- Sessions as timeouts shorter than the build's cut them, before any filter, told by where they
-- begin and end: of the events between only those are read that decide something. What other
-- conditions ask for is lab_sessions' to tell.
-- grain: one session as a timeout has it
with

timeouts as (
    select unnest($timeouts_us::bigint[]) as timeout_us
),

cuts as materialized (
    select
        session_id,
        event_number,
        event_time,
        event_date,
        round(gap_seconds * 1000000)::bigint as gap_us
    from session_events
    where gap_seconds > list_min($timeouts_us::bigint[]) / 1e6
),

-- Only what was active lately may still be open.
late_sessions as (
    select
        session_id,
        not coalesce(list_contains($ends::varchar[], $last_type), false)
        and not coalesce(stream = 'tracker' and $last_type = 'session_end', false) as is_unended
    from user_sessions as sessions
    where end_time >= $as_of::timestamp - to_microseconds(list_max($timeouts_us::bigint[]))
),

told_sessions as (
    select
        sessions.session_id,
        sessions.given_session_id,
        sessions.user_id,
        sessions.stream,
        sessions.start_time,
        sessions.end_time,
        sessions.start_date,
        sessions.duration_seconds,
        sessions.event_count,
        sessions.action_count,
        sessions.is_new_user,
        sessions.is_bot,
        coalesce(late_sessions.is_unended, false) as is_unended
    from user_sessions as sessions
    left join late_sessions on late_sessions.session_id = sessions.session_id
),

cut_sessions as materialized (
    select
        *,
        row_number() over () as session_place
    from told_sessions
    where given_session_id is null and session_id in (select cuts.session_id from cuts)
),

-- Of each session its own beginning, and where the timeout cuts it.
begun as (
    select
        timeouts.timeout_us,
        sessions.session_place,
        1 as first_number,
        sessions.start_time,
        sessions.start_date,
        null::bigint as gap_us
    from cut_sessions as sessions
    cross join timeouts
    union all
    select
        timeouts.timeout_us,
        sessions.session_place,
        cuts.event_number as first_number,
        cuts.event_time as start_time,
        cuts.event_date as start_date,
        cuts.gap_us
    from cuts
    inner join cut_sessions as sessions on sessions.session_id = cuts.session_id
    inner join timeouts on timeouts.timeout_us < cuts.gap_us
),

ended as (
    select
        *,
        lead(first_number) over session as next_number,
        lead(start_time) over session - to_microseconds(lead(gap_us) over session) as last_time
    from begun
    window session as (partition by session_place, timeout_us order by first_number)
),

bounded as materialized (
    select
        ended.timeout_us,
        ended.session_place,
        ended.first_number,
        ended.start_time,
        ended.start_date,
        coalesce(ended.last_time, sessions.end_time) as end_time,
        coalesce(ended.next_number, sessions.event_count + 1) - ended.first_number as event_count,
        sessions.user_id,
        sessions.is_new_user and ended.first_number = 1 as is_new_user,
        sessions.is_bot,
        sessions.is_unended,
        sessions.stream = 'tracker' as is_tracked,
        ended.next_number is not null as is_cut
    from ended
    inner join cut_sessions as sessions on sessions.session_place = ended.session_place
),

-- Where events decide: in what is short, but may have too many actions for a bounce; in what may be
-- the bot's; in what comes before events of a time to come, so that it may be open unless it ended
-- with what ends a tracker's session.
doubted as (
    select distinct
        session_place,
        first_number,
        event_count
    from bounded
    where
        is_bot
        or (
            event_count > $bounce_actions
            and epoch_us(end_time) - epoch_us(start_time) < $bounce_seconds * 1e6
        )
        or (
            is_cut
            and is_tracked
            and epoch_us($as_of::timestamp) - epoch_us(end_time) <= timeout_us
        )
),

decided as (
    select
        doubted.session_place,
        doubted.first_number,
        doubted.event_count,
        count(*) filter (events.is_action) as action_count,
        coalesce(bool_or(events.device_type = 'bot'), false) as is_bot,
        arg_max(events.event_type, events.event_number) as last_type
    from doubted
    inner join cut_sessions as sessions on sessions.session_place = doubted.session_place
    inner join session_events as events
        on
            events.session_id = sessions.session_id
            and events.event_number >= doubted.first_number
            and events.event_number < doubted.first_number + doubted.event_count
    group by doubted.session_place, doubted.first_number, doubted.event_count
),

cut_anew as (
    select
        bounded.timeout_us,
        bounded.user_id,
        bounded.start_time,
        bounded.end_time,
        bounded.start_date,
        (epoch_us(bounded.end_time) - epoch_us(bounded.start_time)) / 1e6 as duration_seconds,
        bounded.event_count,
        coalesce(decided.action_count, bounded.event_count) as action_count,
        bounded.is_new_user,
        coalesce(decided.is_bot, false) as is_bot,
        case
            when bounded.is_cut
                then not coalesce(bounded.is_tracked and decided.last_type = 'session_end', false)
            else bounded.is_unended
        end as is_unended
    from bounded
    left join decided
        on
            decided.session_place = bounded.session_place
            and decided.first_number = bounded.first_number
            and decided.event_count = bounded.event_count
    union all by name
    select
        timeouts.timeout_us,
        sessions.* exclude (session_id, given_session_id, stream)
    from told_sessions as sessions
    anti join cut_sessions on cut_sessions.session_id = sessions.session_id
    cross join timeouts
)

select
    * exclude (is_unended),
    hour(timezone($time_zone, timezone('UTC', start_time)))::bigint as hour,
    isodow(start_date) as weekday,
    is_unended and epoch_us($as_of::timestamp) - epoch_us(end_time) <= timeout_us as is_open
from cut_anew
