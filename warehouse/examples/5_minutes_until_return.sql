-- Minutes until the second session
with

visits as (
    select
        user_id,
        min(end_time) filter (session_number = 1) as first_end,
        min(start_time) filter (session_number = 2) as second_start
    from user_sessions
    where not is_bot
    group by all
)

select
    user_id,
    (epoch_ms(second_start) - epoch_ms(first_end)) / 60000 as minutes
from visits
where second_start is not null
order by minutes
