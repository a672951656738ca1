-- Small numbers of users: a bit each counts them exactly, in a tenth of the time that a set of ids
-- takes. Those who came at the same time have numbers that are near; a build that grows gives new
-- users the next ones (steps_sql/user_keys.sql).
-- scope: user
-- grain: one row per user_id
select
    user_id,
    (row_number() over (order by min(start_time), user_id) - 1)::integer as user_key
from int_sessions
group by user_id
