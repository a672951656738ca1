-- Days on which the hours of a source's sessions look like those of its weekday, moved by 2 hours
-- or more: the clock, or the zone, was another. How far two days are apart is their
-- Kullback-Leibler divergence (Annals of Mathematical Statistics 22, 1951), less what chance alone
-- makes of it: 23 degrees of freedom by twice the sessions. Unless $looks_ahead, its weekday is
-- that of the weeks before alone.
-- grain: source x local day
with

hours as (
    select
        source,
        local_date,
        session_count,
        unnest(hour_counts) as hour_count,
        generate_subscripts(hour_counts, 1) - 1 as hour
    from judged_days
    where session_count > 0
),

hours_compared as (
    select
        source,
        local_date,
        session_count,
        hour,
        hour_count,
        count(*) over weeks_before as before_count,
        -- A day with many more sessions weighs as much as any other.
        coalesce(sum(hour_count / session_count) over weeks_before, 0)
        + coalesce(
            sum(if($looks_ahead, hour_count / session_count, 0)) over weeks_after, 0
        ) as hour_share
    from hours
    window
        weeks_before as (
            partition by source, hour, isodow(local_date) order by local_date
            rows between 8 preceding and 1 preceding
        ),
        weeks_after as (
            partition by source, hour, isodow(local_date) order by local_date
            rows between 1 following and 8 following
        )
),

-- No hour is impossible.
days_compared as (
    select
        source,
        local_date,
        session_count,
        list(hour_count::double order by hour) as hour_counts,
        list(hour_share + 0.01 order by hour) as usual_shares,
        sum(case when hour_count > 0 then hour_count * ln(hour_count / session_count) else 0 end)
            as own_log
    from hours_compared
    where before_count >= 4 and session_count >= 50
    group by source, local_date, session_count
),

-- What left the day comes in at its other end when the days beside it are moved too, and else the
-- day has nothing there.
days_moved as (
    select
        *,
        unnest([
            usual_shares[((24 - moved_hours) % 24 + 1):]
            || usual_shares[:((24 - moved_hours) % 24)],
            list_transform(range(moved_hours), lambda hour: 0.01)
            || usual_shares[(1 + greatest(-moved_hours, 0)):(24 - greatest(moved_hours, 0))]
            || list_transform(range(-moved_hours), lambda hour: 0.01)
        ]) as moved_shares
    from days_compared
    cross join (select unnest(range(-11, 13)) as moved_hours) as moves
),

days_apart as (
    select
        source,
        local_date,
        session_count,
        moved_hours,
        (
            own_log
            - list_inner_product(hour_counts, list_transform(moved_shares, lambda share: ln(share)))
            + session_count * ln(list_sum(moved_shares))
            - 11.5
        ) / session_count as distance
    from days_moved
)

select
    source,
    local_date,
    arg_min(moved_hours, distance) as moved_hours
from days_apart
group by source, local_date, session_count
having
    abs(arg_min(moved_hours, distance)) >= 2
    and any_value(distance) filter (where moved_hours = 0) >= greatest(0.2, 25 / session_count)
    and min(distance) <= any_value(distance) filter (where moved_hours = 0) / 2
