-- The share of sessions that went on for longer than so many seconds, after Kaplan and Meier: an
-- open session has lasted so far, which is all that is known of it. Greenwood's variance, and a
-- band around the logarithm of the negative logarithm, which stays between 0 and 1.
-- While no open session drops out, the factors of all lengths in between are one: who is left by
-- who was there; and so are the terms of the variance. So lengths are counted between the moments
-- where one drops out or that are shown, and the numbers are those of every length by itself.
-- grain: second of $seconds, up to the longest session
with

open_counted as (
    select
        timed_seconds as seconds,
        count(*) as open_count
    from filtered_sessions
    where is_open and timed_seconds is not null
    group by all
),

-- Half a microsecond before a shown second: who has lasted until then is at risk there.
moments as (
    select list_sort(list_distinct(list_concat(
        $seconds::double[],
        [second - 0.0000005 for second in $seconds::double[]],
        coalesce((select list(seconds) from open_counted), []),
        ['infinity'::double]
    ))) as seconds
),

ends_counted as (
    select unnest(map_entries(ends)) as bin
    from (
        select histogram(timed_seconds, (select seconds from moments)) as ends
        from filtered_sessions
        where not is_open
    )
),

steps as (
    select
        moments_listed.seconds,
        coalesce(ends_counted.bin.value, 0)::bigint as end_count,
        sum(coalesce(ends_counted.bin.value, 0) + coalesce(open_counted.open_count, 0))
            over (order by moments_listed.seconds desc)::bigint as at_risk_count
    from (select unnest(seconds) as seconds from moments) as moments_listed
    left join ends_counted on moments_listed.seconds = ends_counted.bin.key
    left join open_counted on moments_listed.seconds = open_counted.seconds
),

-- Once all are gone none comes back: from there on nothing but 0 is left.
steps_summed as (
    select
        seconds,
        at_risk_count,
        bool_or(end_count = at_risk_count) over so_far as is_over,
        sum(case when end_count < at_risk_count then ln(1 - end_count / at_risk_count) end)
            over so_far as log_rate,
        sum(case
            when end_count < at_risk_count
                then end_count / (at_risk_count::double * (at_risk_count - end_count))
        end) over so_far as log_variance
    from steps
    where at_risk_count > 0
    window so_far as (order by seconds)
),

rates as (
    select
        seconds,
        at_risk_count,
        case when is_over then 0.0 else exp(log_rate) end as survival_rate,
        case when not is_over and log_rate < 0 then $z * sqrt(log_variance) / abs(log_rate) end
            as spread
    from steps_summed
    where list_contains($seconds::double[], seconds)
)

select
    seconds,
    survival_rate,
    -- Where nobody has ended, or everybody has, there is no band.
    survival_rate ** exp(spread) as low,
    survival_rate ** exp(-spread) as high,
    at_risk_count
from rates
order by seconds
