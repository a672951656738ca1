-- The share of sessions that went on for longer than so many seconds, after Kaplan and Meier: an
-- open session has lasted so far, which is all that is known of it. Greenwood's variance, and a
-- band around the logarithm of the negative logarithm, which stays between 0 and 1.
-- grain: second of $seconds, up to the longest session
with

lengths as (
    select
        timed_seconds as seconds,
        count(*) as session_count,
        count(*) filter (not is_open) as end_count
    from filtered_sessions
    where timed_seconds is not null
    group by all
),

lengths_at_risk as (
    select
        seconds,
        end_count,
        sum(session_count) over (order by seconds desc)::bigint as at_risk_count
    from lengths
),

steps as (
    select
        seconds,
        at_risk_count,
        -- Once all are gone none comes back: from there on nothing but 0 is left.
        bool_or(end_count = at_risk_count) over so_far as is_over,
        sum(case when end_count < at_risk_count then ln(1 - end_count / at_risk_count) end)
            over so_far as log_rate,
        sum(case
            when end_count < at_risk_count
                then end_count / (at_risk_count::double * (at_risk_count - end_count))
        end) over so_far as log_variance
    from lengths_at_risk
    window so_far as (order by seconds)
),

rates as (
    select
        seconds,
        at_risk_count,
        case when is_over then 0.0 else exp(log_rate) end as survival_rate,
        case when not is_over and log_rate < 0 then $z * sqrt(log_variance) / abs(log_rate) end
            as spread
    from steps
),

seconds_shown as (
    select unnest($seconds::double[]) as seconds
),

-- How many lasted so long at least: those at risk at the next length that somebody had.
risks as (
    select
        seconds_shown.seconds,
        lengths_at_risk.at_risk_count
    from seconds_shown
    asof inner join lengths_at_risk on seconds_shown.seconds <= lengths_at_risk.seconds
)

select
    risks.seconds,
    coalesce(rates.survival_rate, 1.0) as survival_rate,
    -- Where nobody has ended, or everybody has, there is no band.
    rates.survival_rate ** exp(rates.spread) as low,
    rates.survival_rate ** exp(-rates.spread) as high,
    risks.at_risk_count
from risks
asof left join rates on risks.seconds >= rates.seconds
order by risks.seconds
