-- Sessions that silence cut, each after the one before it in what it was cut from: events of a user
-- in one stream. They lie in the order of their first events; of those that begin at one time, as
-- only forced cuts let them, these are looked up.
-- Only what puts them in order: to sort by one more column takes twice as long. Whether the filters
-- take one is told here, since to find it again takes as long once more.
-- grain: one session without an id of a tracker
with

touching_users as (
    select $user_number as user_number
    from users
    where has_touching_sessions
),

cut_sessions as not materialized (
    select
        session_id,
        $user_number as user_number,
        stream = 'tracker' as is_tracked,
        start_time,
        end_time,
        case when len(sources) = 1 then sources[1] end as only_source,
        ($include_bots or not is_bot)
        and ($pruned_before::date is null or start_date >= $pruned_before::date)
        and ($first_date::date is null or start_date >= $first_date::date)
        and ($last_date::date is null or start_date <= $last_date::date)
        and $conditions as is_taken
    from dimensioned_sessions
    where given_session_id is null
),

touching_sessions as (
    select
        cut_sessions.*,
        events.event_id,
        events.source as first_source,
        case
            when
                list_contains(list_prepend('session_start', $starts::varchar[]), events.event_type)
                then 0
            when
                list_contains(list_prepend('session_end', $ends::varchar[]), events.event_type)
                then 2
            else 1
        end as type_rank
    from cut_sessions
    inner join session_events as events
        on events.session_id = cut_sessions.session_id and events.event_number = 1
    where cut_sessions.user_number in (select touching_users.user_number from touching_users)
)

select
    session_id,
    user_number,
    is_tracked,
    only_source,
    is_taken,
    row_number() over timeline as place,
    epoch_us(start_time) - lag(epoch_us(end_time)) over timeline as silence_us,
    lead(epoch_us(start_time)) over timeline - epoch_us(end_time) as next_silence_us
from cut_sessions
where user_number not in (select touching_users.user_number from touching_users)
window timeline as (partition by user_number, is_tracked order by start_time)
union all
select
    session_id,
    user_number,
    is_tracked,
    first_source as only_source,
    is_taken,
    row_number() over timeline as place,
    epoch_us(start_time) - lag(epoch_us(end_time)) over timeline as silence_us,
    lead(epoch_us(start_time)) over timeline - epoch_us(end_time) as next_silence_us
from touching_sessions
window timeline as (
    partition by user_number, is_tracked
    order by start_time, type_rank, event_id, first_source
)
