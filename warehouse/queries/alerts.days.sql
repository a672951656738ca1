-- What is judged of each period: its value, and what is normal for it by the like weekdays of the 8
-- weeks before it alone, at least 4 of them known. Days of data faults that were known by then are
-- not among them. Normal is their median, and their median moved by the growth of these weeks (the
-- median of all slopes between like days: Sen, JASA 63, 1968), whichever is nearer; and 3 times
-- what days of these weeks differ from theirs, at least what chance does. $measures are rows of
-- metric, chance, value, size and spread: what chance does is the root of a count, or follows from
-- how many sessions a number is of.
-- grain: metric x period from $shown_from on
with

measures as (
    select
        period_start,
        unnest($measures, recursive := true)
    from measured_periods
),

-- The first day of the data may have begun at noon.
known_measures as (
    select measures.*
    from measures
    cross join (
        select greatest(min(start_date) + 1, $pruned_before::date) as first_date
        from user_sessions
    ) as data_begun
    where measures.value is not null and measures.period_start >= data_begun.first_date
),

pairs as (
    select
        judged.metric,
        judged.period_start,
        judged.chance,
        known.value,
        known.size,
        known.spread,
        (judged.period_start - known.period_start) / 7 as weeks_before,
        (judged.period_start - known.period_start) % 7 as weekday
    from measures as judged
    inner join known_measures as known
        on
            judged.metric = known.metric
            and known.period_start >= judged.period_start - 56
            and known.period_start < judged.period_start
    left join fault_days
        on
            known.period_start = fault_days.fault_date
            and judged.period_start >= fault_days.told_date
    where judged.period_start >= $shown_from::date and fault_days.fault_date is null
),

-- By week, as a share of the value.
growths as (
    select
        metric,
        period_start,
        greatest(-0.1, least(0.1, coalesce(median(
            (later.value - earlier.value)
            / nullif(
                (earlier.weeks_before - later.weeks_before) * (later.value + earlier.value) / 2, 0
            )
        ), 0))) as growth
    from pairs as later
    inner join pairs as earlier using (metric, period_start, weekday)
    where earlier.weeks_before > later.weeks_before
    group by metric, period_start
),

moved_pairs as (
    select
        pairs.*,
        value * (1 + growth * weeks_before) as moved_value,
        median(value) over weekdays as level,
        median(moved_value) over weekdays as moved_level,
        count(*) over weekdays as like_count,
        median(spread) over weekdays as like_spread
    from pairs
    inner join growths using (metric, period_start)
    window weekdays as (partition by metric, period_start, weekday)
),

-- How many times what chance does the days of these weeks differ from theirs: by the half of them
-- that differ least, or by all but the tenth that differs most. A median of few days lies nearer to
-- each of them than the next day will.
scatters as (
    select
        metric,
        period_start,
        greatest(1, median(difference) / 0.6745, quantile_cont(difference, 0.9) / 1.645) as scatter
    from (
        select
            metric,
            period_start,
            abs(moved_value - moved_level) * sqrt(like_count / (like_count - 1))
            / case chance
                when 'count' then sqrt(greatest(moved_level, 1))
                when 'rate' then sqrt(greatest(moved_level * (1 - moved_level), 0.01) / size)
                when 'mean' then like_spread / sqrt(size)
                else 2 * moved_level / sqrt(size)
            end as difference
        from moved_pairs
        where like_count > 1 and coalesce(size, 1) > 0
    ) as differences
    group by metric, period_start
),

normals as (
    select
        metric,
        period_start,
        any_value(level) as level,
        any_value(moved_level) as moved_level,
        any_value(like_spread) as like_spread,
        count(*) as like_count,
        any_value(value) filter (weeks_before = 1) as value_before
    from moved_pairs
    where weekday = 0
    group by metric, period_start
),

bands as (
    select
        measures.metric,
        measures.period_start,
        measures.chance,
        measures.value::double as value,
        measures.size,
        normals.like_count,
        normals.value_before::double as value_before,
        normals.level::double as usual,
        normals.moved_level,
        3 * sqrt(1 + 1.57 / normals.like_count) * scatters.scatter
        * case measures.chance
            when 'count' then sqrt(greatest(normals.level, normals.moved_level, 1))
            when 'rate' then sqrt(
                greatest(normals.moved_level * (1 - normals.moved_level), 0.01)
                / nullif(measures.size, 0)
            )
            when 'mean' then normals.like_spread / sqrt(nullif(measures.size, 0))
            else 2 * normals.moved_level / sqrt(nullif(measures.size, 0))
        end as half_width
    from measures
    left join normals using (metric, period_start)
    left join scatters using (metric, period_start)
    where measures.period_start >= $shown_from::date
)

-- Nothing is less than 0, and no share more than 1.
select
    metric,
    period_start,
    value,
    size,
    usual,
    value_before,
    case when like_count >= 4 then greatest(0, least(usual, moved_level) - half_width) end as low,
    case
        when like_count >= 4
            then least(
                case when chance = 'rate' then 1 end,
                greatest(usual, moved_level) + half_width
            )
    end as high
from bands
order by metric, period_start
