-- Headline numbers by day, week (from Monday) or month of the start; users by that of their events.
-- A period that is cut short, by the filters or by what was pruned, is of its days that are left.
-- grain: one period of $grain
with

users_counted as (
    select
        date_trunc($grain, event_date)::date as day_key,
        count(distinct user_id) as user_count
    from active_days
    where $counts_users
    group by all
),

periods_listed as (
    select
        unnest(
            generate_series(
                date_trunc($grain, $first_date::date)::timestamp,
                $last_date::timestamp,
                ('1 ' || $grain)::interval
            )
        )::date as period_start
)

select
    periods_listed.period_start,
    coalesce(columns('_count$'), 0),
    columns(lambda name: not name similar to '.*_(count|key|rank|start)'),
    periods_listed.period_start >= $first_date::date
    and (periods_listed.period_start + ('1 ' || $grain)::interval)::date
    <= least($last_date::date + 1, $as_of_date::date)
    and ($pruned_before::date is null or periods_listed.period_start >= $pruned_before::date)
        as is_complete
from periods_listed
left join measured_sessions on periods_listed.period_start = measured_sessions.day_key
left join users_counted on periods_listed.period_start = users_counted.day_key
order by periods_listed.period_start
