-- What other timeouts would make of a session: into how many its own events would fall, and how
-- many sessions before and after it would be one with it.
-- grain: one timeout
with

timeouts as (
    select distinct unnest($timeouts_us::bigint[]) as timeout_us
),

chosen as (
    select
        session_id,
        $user_number,
        stream,
        given_session_id is not null as is_given
    from user_sessions
    where session_id = $session_id
),

-- Sessions are the longest runs without a cut. So a longer timeout can only undo the cuts between
-- them, and a shorter one only make some within: the events of the others need not be read. Where
-- a tracker says what one session is, no timeout does.
line as (
    select
        sessions.session_id,
        row_number() over timeline as place,
        epoch_us(sessions.start_time) - epoch_us(lag(sessions.end_time) over timeline)
            as silence_us,
        coalesce(list_contains($ends::varchar[], lag($last_type) over timeline), false)
        or coalesce(list_contains($starts::varchar[], $first_type), false) as is_forced
    from user_sessions as sessions
    inner join chosen
        on
            sessions.$user_number = chosen.$user_number
            and sessions.stream = chosen.stream
            and (
                sessions.session_id = chosen.session_id
                or (not chosen.is_given and sessions.given_session_id is null)
            )
    window timeline as (
        order by sessions.start_time, sessions.end_time, sessions.session_id
    )
),

-- Sessions with one number would be one.
joined as (
    select
        timeouts.timeout_us,
        line.session_id,
        line.place,
        sum((
            line.silence_us is null or line.is_forced or line.silence_us > timeouts.timeout_us
        )::int) over (partition by timeouts.timeout_us order by line.place) as island
    from line
    cross join timeouts
),

neighbours_counted as (
    select
        mine.timeout_us,
        count(*) filter (other.place < mine.place) as joined_before_count,
        count(*) filter (other.place > mine.place) as joined_after_count
    from joined as mine
    inner join joined as other
        on other.timeout_us = mine.timeout_us and other.island = mine.island
    where mine.session_id = $session_id
    group by mine.timeout_us
),

-- Of a session whose events were pruned it is not known.
pieces_counted as (
    select
        timeouts.timeout_us,
        case
            when any_value(chosen.is_given) then 1
            when count(events.event_number) > 0
                then 1 + count(*) filter (events.gap_seconds > timeouts.timeout_us / 1e6)
        end as piece_count
    from timeouts
    cross join chosen
    left join events_of_session as events on true
    group by timeouts.timeout_us
)

select
    neighbours_counted.timeout_us / 6e7 as timeout_minutes,
    pieces_counted.piece_count,
    neighbours_counted.joined_before_count,
    neighbours_counted.joined_after_count,
    neighbours_counted.timeout_us = $own_timeout_us as is_own
from neighbours_counted
inner join pieces_counted on pieces_counted.timeout_us = neighbours_counted.timeout_us
order by neighbours_counted.timeout_us
