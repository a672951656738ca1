-- Gaps between the events of a session: each event with the one before it in its session. The row
-- above an event is mostly that one, which is seen by its number, in whatever order rows come; the
-- few of which it is not are looked up. To sort all events anew takes ten times as long.
-- grain: one event that is not its session's first
with

rows_paired as (
    select
        session_id,
        event_number,
        event_time,
        source,
        lag(event_time) over () as time_above,
        lag(event_type) over () as type_above,
        lag(session_id) over () = session_id and lag(event_number) over () = event_number - 1
            as is_next
    from session_events
)

select
    session_id,
    event_number,
    source,
    type_above as type_before,
    epoch_us(event_time) - epoch_us(time_above) as gap_us
from rows_paired
where is_next
union all
select
    pairs.session_id,
    pairs.event_number,
    pairs.source,
    earlier.event_type as type_before,
    epoch_us(pairs.event_time) - epoch_us(earlier.event_time) as gap_us
from rows_paired as pairs
inner join session_events as earlier
    on
        pairs.session_id = earlier.session_id
        and pairs.event_number = earlier.event_number + 1
where pairs.event_number > 1 and pairs.is_next is distinct from true
