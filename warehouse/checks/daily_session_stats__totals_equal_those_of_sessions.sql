-- The numbers of sessions by day and in all, where they differ. Of pruned days nothing is left
-- to compare with.
with

counted as (
    select
        (
            select coalesce(sum(total_sessions + bot_sessions), 0)
            from daily_session_stats
            where not is_pruned and stream <> 'all'
        ) as daily_count,
        (
            select count(*)
            from user_sessions
            where start_date >= coalesce((select max(pruned_before) from prunes), start_date)
        ) as session_count
)

select *
from counted
where daily_count <> session_count
