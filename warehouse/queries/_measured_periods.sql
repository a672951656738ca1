-- The measures of sessions by day, week (from Monday) or month of the start, and users by that of
-- their events: every period from $first_date to $last_date. Without sessions counts are 0, after
-- the running day not known, and nothing else is known. A period that is cut short is of its days
-- that are left.
-- grain: one period of $grain
with

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
    coalesce(columns('_count$'), if(period_start > $as_of_date::date, null, 0)),
    columns(lambda name: not name similar to '.*_(count|key|rank|start)')
from periods_listed
left join measured_sessions on periods_listed.period_start = measured_sessions.day_key
left join counted_users on periods_listed.period_start = counted_users.day_key
