-- Sessions that silence cut, each with the one before it in what it was cut from: the user's events
-- of one stream. They lie in the order of their first events; of those that begin at one time, as
-- only forced cuts let them, these are looked up.
-- Only what puts them in order: to sort all columns of sessions takes ten times as long.
-- grain: one session without an id of a tracker
with

cut_sessions as (
    select
        session_id,
        user_id,
        $user_number as user_number,
        stream,
        start_time,
        end_time,
        $first_type as first_type,
        $last_type as last_type
    from user_sessions as sessions
    where given_session_id is null
),

ties as (
    select
        user_id,
        stream,
        start_time
    from cut_sessions
    group by user_id, stream, start_time
    having count(*) > 1
),

first_events as (
    select
        events.session_id,
        events.event_id,
        events.source
    from session_events as events
    where
        events.event_number = 1
        and events.session_id in (
            select sessions.session_id
            from cut_sessions as sessions
            semi join ties
                on
                    ties.user_id = sessions.user_id
                    and ties.stream = sessions.stream
                    and ties.start_time = sessions.start_time
        )
),

lined_up as (
    select
        sessions.*,
        case
            when list_contains(list_prepend('session_start', $starts::varchar[]), first_type) then 0
            when list_contains(list_prepend('session_end', $ends::varchar[]), first_type) then 2
            else 1
        end as type_rank,
        firsts.event_id as first_event_id,
        firsts.source as first_source
    from cut_sessions as sessions
    left join first_events as firsts on firsts.session_id = sessions.session_id
)

select
    session_id,
    user_number,
    stream,
    last_type,
    row_number() over timeline as place,
    epoch_us(start_time) - lag(epoch_us(end_time)) over timeline as silence_us,
    coalesce(list_contains($ends::varchar[], lag(last_type) over timeline), false)
    or coalesce(list_contains($starts::varchar[], first_type), false) as is_forced
from lined_up
window timeline as (
    partition by user_number, stream
    order by start_time, type_rank, first_event_id, first_source, session_id
)
