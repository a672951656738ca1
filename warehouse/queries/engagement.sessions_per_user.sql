-- How many users had how many sessions in the period.
-- grain: number of sessions
with

users_counted as (
    select
        user_key,
        count(*) as session_count
    from filtered_sessions
    group by user_key
)

select
    session_count,
    count(*) as user_count
from users_counted
group by session_count
order by session_count
