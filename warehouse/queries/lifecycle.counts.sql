-- Users of each day, week or month by when they were there before: in the period before it, some
-- time ever, or never; and those who were there in the period before and are missing. A period that
-- is cut short is of its days that are left; the one before it is always whole.
-- grain: one period
with

shown_users as (
    select
        period_start,
        block,
        users
    from period_users
    where not is_before
),

-- By the period that follows theirs.
earlier_users as (
    select
        (period_start + ('1 ' || $period)::interval)::date as period_start,
        block,
        bit_or(users) as users
    from period_users
    group by all
),

first_users as (
    select
        date_trunc($period, first_date)::date as period_start,
        user_key >> 10 as block,
        bitstring_agg(user_key & 1023, 0, 1023) as users
    from first_days
    where
        first_date >= date_trunc($period, $shown_from::date)
        and first_date <= $last_date::date
    group by all
),

users_counted as (
    select
        period_start,
        sum(bit_count(shown_users.users)) as user_count,
        sum(bit_count(earlier_users.users)) as earlier_count,
        sum(bit_count(shown_users.users & first_users.users)) as new_count,
        sum(bit_count(shown_users.users & earlier_users.users)) as returning_count
    from shown_users
    full join earlier_users using (period_start, block)
    left join first_users using (period_start, block)
    group by period_start
),

periods_listed as (
    select
        unnest(generate_series(
            date_trunc($period, $shown_from::date)::timestamp,
            $shown_to::timestamp,
            ('1 ' || $period)::interval
        ))::date as period_start
)

select
    periods_listed.period_start,
    coalesce(new_count, 0)::bigint as new_count,
    coalesce(returning_count, 0)::bigint as returning_count,
    (coalesce(user_count, 0) - coalesce(new_count, 0) - coalesce(returning_count, 0))::bigint
        as resurrected_count,
    (coalesce(earlier_count, 0) - coalesce(returning_count, 0))::bigint as dormant_count
from periods_listed
left join users_counted on periods_listed.period_start = users_counted.period_start
order by periods_listed.period_start
