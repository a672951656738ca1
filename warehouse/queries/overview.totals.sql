-- Headline numbers of the period.
-- grain: one row
with

users_counted as (
    select count(distinct user_id) as user_count
    from active_days
    where $counts_users
)

-- Without sessions nothing is measured: counts are then 0, and the rest is not known.
select
    coalesce(columns('_count$'), 0),
    columns(lambda name: not name similar to '.*_(count|key|rank)')
from users_counted
left join measured_sessions on true
