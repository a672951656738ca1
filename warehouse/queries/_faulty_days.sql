-- Days that look like a fault of the data and not of its users, with what was found, the day at
-- whose end that is known, and when, where a load alone tells it. Unless $looks_ahead, each day of
-- a run is told by itself.
-- grain: source x kind x span of local days
with

-- Days in a row have one first day in common: their date less their number.
unusual_runs as (
    select
        *,
        local_date - if(
            $looks_ahead, row_number() over (partition by source, ordinal order by local_date), 0
        )::int as run
    from unusual_days
),

-- An outage, too, leaves other hours than usual.
skewed_runs as (
    select
        *,
        local_date - if(
            $looks_ahead,
            row_number() over (partition by source, sign(moved_hours) order by local_date),
            0
        )::int as run
    from skewed_days
    anti join (
        select source, local_date from unusual_days where kind = 'outage'
    ) as outages using (source, local_date)
)

select
    kind,
    source,
    min(local_date) as first_date,
    max(local_date) as last_date,
    max(local_date) as told_date,
    null::timestamp as known_at,
    format(
        '{:,} {} where {}',
        sum(found_count)::bigint,
        replace(
            case ordinal
                when 1 then 'session(s)'
                when 2 then 'session(s) with an end event'
                when 3 then 'session(s) of 5 minutes with a heartbeat'
                when 4 then 'session(s) with each event twice'
                when 5 then 'session(s) of bots, or of new users for under 5 s'
                when 6 then 'event(s) of one session'
                when 7 then 'event(s) in sessions of this source alone'
            end,
            '(s)',
            case when sum(found_count) = 1 then '' else 's' end
        ),
        -- What is a share is expected of the sessions that the days have.
        case
            when any_value(is_share)
                then format('{:,} were to be expected', round(sum(usual_count))::bigint)
            when count(*) = 1
                then format(
                    'a {} has {:,}',
                    any_value(dayname(local_date)), round(sum(usual_count))::bigint
                )
            else format(
                'these {} days have {:,}', count(*), round(sum(usual_count))::bigint
            )
        end
    ) as evidence
from unusual_runs
group by kind, source, ordinal, run
union all
select
    'clock_skew' as kind,
    source,
    min(local_date) as first_date,
    max(local_date) as last_date,
    max(local_date) as told_date,
    null::timestamp as known_at,
    format(
        'sessions start about {} h {} than on the same weekdays',
        round(abs(median(moved_hours)))::bigint,
        case when sum(moved_hours) > 0 then 'later' else 'earlier' end
    ) as evidence
from skewed_runs
group by source, sign(moved_hours), run
union all
select
    'future_dates' as kind,
    source,
    first_date,
    last_date,
    last_date as told_date,
    null::timestamp as known_at,
    evidence
from misdated_days
union all
select
    'duplicate_storm' as kind,
    source,
    first_date,
    last_date,
    told_date,
    known_at,
    evidence
from doubled_days
