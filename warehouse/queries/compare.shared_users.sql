-- Users in several groups; sessions beside the $groups are one more. Each user is a bit, by the
-- small number, as in counted_users: whoever is in two sets is found without a row of each user.
-- grain: one user
with

blocks as (
    select
        coalesce(list_position($groups::varchar[], dimension_key), 0) as group_number,
        user_key >> 10 as block,
        bitstring_agg(user_key & 1023, 0, 1023) as users
    from valued_sessions
    where dimension_key is not null
    group by all
),

blocks_shared as (
    select
        block,
        list(users) as group_users
    from blocks
    group by block
    having sum(bit_count(users)) > bit_count(bit_or(users))
),

places as (
    select unnest(range(1024))::int as place
)

select (blocks_shared.block * 1024 + places.place)::bigint as unit
from blocks_shared
cross join places
where
    list_sum(
        list_transform(
            blocks_shared.group_users, lambda users: get_bit(users, places.place)
        )
    ) > 1
