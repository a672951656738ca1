-- Users of each local day, of the 7 days and of the 28 days that end with it.
-- Each is one bit, in blocks (see period_users): users of two days, of four and so on are put
-- together from those of fewer. Lines of a block stand by day, without gaps.
-- grain: one local day
with

days_listed as (
    select
        unnest(generate_series(
            $first_date::timestamp, $last_date::timestamp, interval 1 day
        ))::date as day
),

days_in_blocks as (
    select
        blocks.block,
        days_listed.day,
        coalesce(period_users.users, bitstring('0', 1024)) as of_1
    from (select distinct block from period_users) as blocks
    cross join days_listed
    left join period_users
        on
            blocks.block = period_users.block
            and days_listed.day = period_users.period_start
),

days_by_2 as (
    select
        *,
        of_1 | lag(of_1, 1, of_1) over by_day as of_2
    from days_in_blocks
    window by_day as (partition by block order by day)
),

days_by_4 as (
    select
        *,
        of_2 | lag(of_2, 2, of_2) over by_day as of_4
    from days_by_2
    window by_day as (partition by block order by day)
),

days_by_7 as (
    select
        *,
        of_4 | lag(of_4, 3, of_4) over by_day as of_7
    from days_by_4
    window by_day as (partition by block order by day)
),

days_by_14 as (
    select
        *,
        of_7 | lag(of_7, 7, of_7) over by_day as of_14
    from days_by_7
    window by_day as (partition by block order by day)
),

days_by_28 as (
    select
        *,
        of_14 | lag(of_14, 14, of_14) over by_day as of_28
    from days_by_14
    window by_day as (partition by block order by day)
),

users_counted as (
    select
        day,
        sum(bit_count(of_1))::bigint as dau,
        sum(bit_count(of_7))::bigint as wau,
        sum(bit_count(of_28))::bigint as mau
    from days_by_28
    where day >= $shown_from::date
    group by day
)

select
    days_listed.day as date,
    coalesce(dau, 0) as dau,
    coalesce(wau, 0) as wau,
    coalesce(mau, 0) as mau,
    dau / nullif(mau, 0) as dau_mau,
    dau / nullif(wau, 0) as dau_wau
from days_listed
left join users_counted on days_listed.day = users_counted.day
where days_listed.day >= $shown_from::date
order by days_listed.day
