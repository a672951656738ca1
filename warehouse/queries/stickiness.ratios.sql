-- Users of each local day, of the 7 days and of the 28 days that end with it. Each user is one bit,
-- in blocks of 8,192 (see counted_users): users of two days, of four and so on are put together
-- from those of fewer. A block has a row for each day, in places that follow each other; between
-- two blocks there are more free places than days are looked back.
-- grain: one local day
with

day_users as materialized (
    select
        event_date as day,
        user_key >> 13 as block,
        bitstring_agg(user_key & 8191, 0, 8191) as users
    from active_days
    group by all
),

-- Before the first of them there is nothing to put together.
days_counted as (
    select
        unnest(generate_series(
            first_day::timestamp, $last_date::timestamp, interval 1 day
        ))::date as day
    from (select min(day) as first_day from day_users)
),

of_1 as materialized (
    select
        days_counted.day,
        blocks.block::bigint * 1_000_000
        + date_diff('day', $first_date::date, days_counted.day) as place,
        coalesce(day_users.users, bitstring('0', 8192)) as users
    from (select distinct block from day_users) as blocks
    cross join days_counted
    left join day_users
        on
            blocks.block = day_users.block
            and days_counted.day = day_users.day
),

of_2 as materialized (
    select
        later.day,
        later.place,
        later.users | coalesce(earlier.users, later.users) as users
    from of_1 as later
    left join of_1 as earlier on later.place - 1 = earlier.place
),

of_4 as materialized (
    select
        later.day,
        later.place,
        later.users | coalesce(earlier.users, later.users) as users
    from of_2 as later
    left join of_2 as earlier on later.place - 2 = earlier.place
),

of_7 as materialized (
    select
        later.day,
        later.place,
        later.users | coalesce(earlier.users, later.users) as users
    from of_4 as later
    left join of_4 as earlier on later.place - 3 = earlier.place
),

of_14 as materialized (
    select
        later.day,
        later.place,
        later.users | coalesce(earlier.users, later.users) as users
    from of_7 as later
    left join of_7 as earlier on later.place - 7 = earlier.place
),

users_counted as (
    select
        later.day,
        sum(bit_count(of_1.users))::bigint as dau,
        sum(bit_count(of_7.users))::bigint as wau,
        sum(bit_count(later.users | coalesce(earlier.users, later.users)))::bigint as mau
    from of_14 as later
    left join of_14 as earlier on later.place - 14 = earlier.place
    inner join of_7 on later.place = of_7.place
    inner join of_1 on later.place = of_1.place
    where later.day >= $shown_from::date
    group by later.day
)

select
    days_shown.day as date,
    coalesce(users_counted.dau, 0) as dau,
    coalesce(users_counted.wau, 0) as wau,
    coalesce(users_counted.mau, 0) as mau,
    users_counted.dau / nullif(users_counted.mau, 0) as dau_mau,
    users_counted.dau / nullif(users_counted.wau, 0) as dau_wau
from (
    select
        unnest(generate_series(
            $shown_from::timestamp, $last_date::timestamp, interval 1 day
        ))::date as day
) as days_shown
left join users_counted on days_shown.day = users_counted.day
order by days_shown.day
