-- The numbers of sessions by day and in all, where they differ.
with

counted as (
    select
        (select coalesce(sum(total_sessions + bot_sessions), 0) from daily_session_stats)
            as daily_count,
        (select count(*) from user_sessions) as session_count
)

select *
from counted
where daily_count <> session_count
