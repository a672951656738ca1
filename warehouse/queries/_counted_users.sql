-- Users with an event, by the periods and values that measured_sessions tells sessions by. Each is
-- one bit, by the user's small number: exact, and a fifth of the work of a set of ids. Numbers are
-- taken by blocks of 1,024: a value or day that few users have takes 128 bytes for each at most.
-- grain: day_key x value_rank; no row without users
with

users_in_blocks as (
    select
        case $grain
            when 'day' then event_date
            when 'week' then date_trunc('week', event_date)::date
            when 'month' then date_trunc('month', event_date)::date
        end as day_key,
        value_rank,
        user_key >> 10 as block,
        bit_count(bitstring_agg(user_key & 1023, 0, 1023)) as user_count
    from $placed_days
    where $counts_users
    group by all
)

select
    day_key,
    value_rank,
    sum(user_count)::bigint as user_count
from users_in_blocks
group by all
