-- Outages: days on which a source has far fewer sessions than its weekday has in the weeks before
-- and after. Against both, so that neither growth nor a lasting fall is one.
-- Not judged are a source's first day, which may have begun at noon, the running day, and days that
-- its last load came too early for.
-- grain: one run of days of one source
with

session_sources as (
    select
        unnest(sources) as source,
        start_date
    from user_sessions
    where
        not is_bot
        and ($pruned_before::date is null or start_date >= $pruned_before::date)
),

sessions_counted as (
    select
        source,
        start_date,
        count(*) as session_count
    from session_sources
    group by source, start_date
),

last_loads as (
    select
        source,
        max(timezone($time_zone, timezone('UTC', loaded_at)))::date as load_date
    from load_runs
    group by source
),

source_days as (
    select
        sources.source,
        unnest(generate_series(
            sources.first_date + interval 1 day,
            least($as_of_date::date, last_loads.load_date) - interval 1 day,
            interval 1 day
        ))::date as local_date
    from (
        select
            source,
            min(start_date) as first_date
        from sessions_counted
        group by source
    ) as sources
    left join last_loads on sources.source = last_loads.source
),

days_counted as (
    select
        source_days.source,
        source_days.local_date,
        coalesce(sessions_counted.session_count, 0) as session_count
    from source_days
    left join sessions_counted
        on
            source_days.source = sessions_counted.source
            and source_days.local_date = sessions_counted.start_date
),

-- Each weekday of a source is there, so that rows are weeks.
days_compared as (
    select
        *,
        count(*) over weeks_before as before_count,
        median(session_count) over weeks_before as before_median,
        median(session_count) over month_before as month_median,
        count(*) over weeks_after as after_count,
        median(session_count) over weeks_after as after_median
    from days_counted
    window
        weeks_before as (
            partition by source, isodow(local_date) order by local_date
            rows between 8 preceding and 1 preceding
        ),
        month_before as (
            partition by source, isodow(local_date) order by local_date
            rows between 4 preceding and 1 preceding
        ),
        weeks_after as (
            partition by source, isodow(local_date) order by local_date
            rows between 1 following and 8 following
        )
),

-- What fell for good is low in the weeks after, or, while these are few, in the weeks before.
days_expected as (
    select
        *,
        case
            when before_count >= $least_weeks
                then least(
                    before_median,
                    case when after_count >= $least_weeks then after_median else month_median end
                )
        end as usual_count
    from days_compared
),

-- Days in a row have one first day in common: their date less their number.
days_out as (
    select
        *,
        local_date - (row_number() over (
            partition by source order by local_date
        ))::int as run
    from days_expected
    where
        usual_count >= $least_sessions
        and session_count < usual_count * $outage_share
)

select
    'outage' as kind,
    source,
    min(local_date) as first_date,
    max(local_date) as last_date,
    format(
        '{:,} {} where {} {:,}',
        sum(session_count)::bigint,
        case when sum(session_count) = 1 then 'session' else 'sessions' end,
        case
            when count(*) = 1 then 'a ' || any_value(dayname(local_date)) || ' has'
            else format('these {} days have', count(*))
        end,
        round(sum(usual_count))::bigint
    ) as evidence
from days_out
group by source, run
order by first_date, source
