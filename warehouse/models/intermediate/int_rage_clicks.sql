-- Sessions with three clicks in a row within 1 s, each within 30 px of the first of them.
-- scope: session
-- grain: one row per session_id that has some
with

clicks as (
    select
        session_id,
        event_number,
        event_time,
        properties,
        event_time - lag(event_time) over in_a_row as since_the_last,
        (lead(event_time) over in_a_row) - event_time as until_the_next
    from session_events
    where event_type in ('click', 'rage_click')
    window in_a_row as (partition by session_id order by event_number)
),

-- To read where a click was is dear, and only clicks next to another one can be among three.
clicks_placed as (
    select
        session_id,
        event_number,
        event_time,
        try_cast(coalesce(properties ->> '$.x', properties ->> '$.clientX') as double) as x,
        try_cast(coalesce(properties ->> '$.y', properties ->> '$.clientY') as double) as y
    from clicks
    where
        since_the_last <= interval 1 second
        or until_the_next <= interval 1 second
),

triples_seen as (
    select
        session_id,
        (lead(event_time, 2) over in_a_row) - event_time as seconds_for_three,
        sqrt(pow((lead(x) over in_a_row) - x, 2) + pow((lead(y) over in_a_row) - y, 2))
            as second_distance,
        sqrt(pow((lead(x, 2) over in_a_row) - x, 2) + pow((lead(y, 2) over in_a_row) - y, 2))
            as third_distance
    from clicks_placed
    where x is not null and y is not null
    window in_a_row as (partition by session_id order by event_number)
),

final as (
    select distinct session_id
    from triples_seen
    where
        seconds_for_three <= interval 1 second
        and second_distance <= 30
        and third_distance <= 30
)

select * from final
