-- How many users have an event in the period. They are counted as in counted_users.
-- grain: one row
with

users_in_blocks as (
    select bit_count(bitstring_agg(user_key & 1023, 0, 1023)) as user_count
    from active_days
    where $search = '' or contains(lower(user_id), lower($search))
    group by user_key >> 10
)

select coalesce(sum(user_count), 0)::bigint as user_count
from users_in_blocks
