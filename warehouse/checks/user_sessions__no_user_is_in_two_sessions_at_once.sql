-- Sessions of a user that overlap in the stream that is cut by inactivity.
-- scope: user
with

followed as (
    select
        session_id,
        end_time,
        lead(start_time) over (partition by user_id order by start_time, end_time) as next_start
    from user_sessions
    where stream = 'inactivity'
)

select session_id
from followed
where next_start < end_time
