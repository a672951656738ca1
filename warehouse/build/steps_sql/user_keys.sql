-- Small numbers of the users that changed: theirs, or the next one.
-- grain: one row per user_id
with

keys_known as (
    select
        user_id,
        user_key
    from working.known_keys
    union
    select
        user_id,
        user_key
    from working.known_sessions
),

-- Also one whose sessions are all made anew had a number.
last_key as (
    select greatest(
        (select max(user_key) from user_sessions), (select max(user_key) from keys_known), -1
    ) as user_key
)

select
    changed.user_id,
    coalesce(
        keys_known.user_key,
        last_key.user_key
        + row_number() over (partition by keys_known.user_key is null order by changed.user_id)
    )::integer as user_key
from working.changed_users as changed
cross join last_key
left join keys_known on keys_known.user_id = changed.user_id
