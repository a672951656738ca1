-- The session that an id names: its own, else that which holds the id's first event now.
-- grain: one session
with

known as (
    select session_id
    from user_sessions
    where session_id = $session_id
),

-- An id is made of its first event: the time, and a hash of which one it is. Days lie together,
-- and a local day is at most one off.
moved as (
    select session_id
    from session_events
    where
        event_date between $first_time::date - 1 and $first_time::date + 1
        and event_time = $first_time::timestamp
        and left(md5(source || chr(31) || event_id), 16) = $first_event::varchar
        and not exists (from known)
)

select session_id from known
union all
select session_id from moved
limit 1
