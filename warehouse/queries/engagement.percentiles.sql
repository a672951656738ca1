-- Percentiles of each day, week or month of the period; periods without sessions have none.
-- grain: period
with

lengths as (
    select
        date_trunc($grain, start_date)::date as period_start,
        case when $of = 'engaged_seconds' then timed_engaged_seconds else timed_seconds end
            as seconds
    from filtered_sessions
),

periods_measured as (
    select
        period_start,
        quantile_cont(seconds, [0.25, 0.5, 0.75, 0.9, 0.95]) as seconds,
        count(seconds) as session_count
    from lengths
    group by period_start
),

extent as (
    select
        coalesce($first_date::date, min(period_start)) as first_date,
        coalesce($last_date::date, max(period_start)) as last_date
    from periods_measured
),

periods_listed as (
    select
        unnest(generate_series(
            date_trunc($grain, first_date)::timestamp,
            last_date::timestamp,
            ('1 ' || $grain)::interval
        ))::date as period_start
    from extent
)

select
    periods_listed.period_start,
    periods_measured.seconds[1] as p25_seconds,
    periods_measured.seconds[2] as p50_seconds,
    periods_measured.seconds[3] as p75_seconds,
    periods_measured.seconds[4] as p90_seconds,
    periods_measured.seconds[5] as p95_seconds,
    coalesce(periods_measured.session_count, 0) as session_count
from periods_listed
left join periods_measured on periods_listed.period_start = periods_measured.period_start
order by periods_listed.period_start
