-- Where in their sessions one user's events lie, at most $most of them told apart in each: events
-- that are nearer to each other are one mark, at the place of the first.
-- grain: one session and part of its length
with

sessions_chosen as (
    select
        session_id,
        start_time,
        end_date,
        greatest(epoch_us(end_time) - epoch_us(start_time), 1) as duration_us
    from filtered_sessions
    where
        $of_user
        and ($event is null or list_contains(event_path, $event))
    order by start_time desc, session_number desc, session_id asc
    limit $row_limit
),

events_placed as (
    select
        session_events.session_id,
        (epoch_us(session_events.event_time) - epoch_us(sessions_chosen.start_time))
        / sessions_chosen.duration_us as place,
        session_events.is_error,
        session_events.event_type
    from session_events
    inner join sessions_chosen on session_events.session_id = sessions_chosen.session_id
    -- Events lie sorted by user and time: both bounds let whole blocks be passed over.
    where
        session_events.user_id = $user_id
        and session_events.event_date >= $first_date::date
        and session_events.event_date <= (select max(end_date) from sessions_chosen)
)

select
    session_id,
    min(place) as place,
    count(*) as event_count,
    count(*) filter (is_error) as error_count,
    count(*) filter (event_type = $event) as chosen_count
from events_placed
group by session_id, least(floor(place * $most), $most - 1)
order by session_id, place
