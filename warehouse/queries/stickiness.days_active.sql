-- Users by how many of the last days of the period they were active on.
-- grain: number of days
with

days_counted as (
    select
        user_key,
        count(distinct event_date) as days
    from active_days
    group by user_key
)

select
    days,
    count(*) as user_count
from days_counted
group by days
order by days
