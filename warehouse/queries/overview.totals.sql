-- Headline numbers of the period.
-- grain: one row
with

users_counted as (
    select sum(user_count)::bigint as user_count
    from counted_users
)

-- Without sessions nothing is measured: counts are then 0, and the rest is not known.
select
    coalesce(columns('_count$'), 0),
    columns(lambda name: not name similar to '.*_(count|key|rank)')
from users_counted
left join measured_sessions on true
