-- The sessions of a user before and after one, of all or of those that are cut as it is, with the
-- pauses between.
-- grain: one session
with

chosen as (
    select
        $user_number,
        stream,
        given_session_id is not null as is_given
    from user_sessions
    where session_id = $session_id
),

line as (
    select
        sessions.session_id,
        sessions.start_time,
        sessions.end_time,
        $first_type as first_event_type,
        $last_type as last_event_type,
        -- As sessions are numbered.
        row_number() over (order by sessions.start_time, sessions.session_id) as place
    from user_sessions as sessions
    inner join chosen
        on
            sessions.$user_number = chosen.$user_number
            and (
                not $same_stream
                -- A session that a tracker tells cuts no other.
                or (
                    sessions.stream = chosen.stream
                    and (sessions.given_session_id is not null) = chosen.is_given
                )
            )
)

select
    case when other.place < mine.place then 'previous' else 'next' end as neighbour,
    other.session_id,
    other.start_time,
    other.end_time,
    other.first_event_type,
    other.last_event_type,
    -- Sessions of two streams, and those that a tracker tells, may overlap: it is below 0 then.
    case
        when other.place < mine.place
            then date_diff('microsecond', other.end_time, mine.start_time)
        else date_diff('microsecond', mine.end_time, other.start_time)
    end / 1e6 as pause_seconds
from line as mine
inner join line as other on abs(other.place - mine.place) = 1
where mine.session_id = $session_id
order by other.place
