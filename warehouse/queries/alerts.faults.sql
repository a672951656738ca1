-- What looks like a fault of the data, each day judged by the days before it alone, the day at
-- whose end that is known, and when (UTC), where a load alone tells it. Rejected rows: 20 or more,
-- one in twenty of those of a source's files that end on a day, and twice their usual share.
-- grain: source x kind x span of local days
with

-- A file is of the day of its last event; one without any of the day of its load.
read_days as (
    select
        source,
        timezone($time_zone, timezone('UTC', coalesce(last_event_time, loaded_at)))::date
            as local_date,
        min(
            timezone($time_zone, timezone('UTC', coalesce(first_event_time, loaded_at)))::date
        ) as first_date,
        sum(rows_read)::bigint as read_count,
        sum(rows_rejected)::bigint as rejected_count,
        max(loaded_at) as known_at
    from load_runs
    where status = 'loaded'
    group by all
),

read_days_compared as (
    select
        *,
        rejected_count / nullif(read_count, 0) as rejected_share,
        median(rejected_count / nullif(read_count, 0)) over (
            partition by source order by local_date
            rows between 28 preceding and 1 preceding
        ) as usual_share
    from read_days
)

select
    kind,
    source,
    first_date,
    last_date,
    told_date,
    known_at,
    evidence
from faulty_days
union all
select
    'rejected_rows' as kind,
    source,
    first_date,
    local_date as last_date,
    local_date as told_date,
    known_at,
    format('{:,} of {:,} rows could not be events', rejected_count, read_count) as evidence
from read_days_compared
where
    rejected_count >= 20
    and rejected_share >= 0.05
    and (usual_share is null or rejected_share >= 2 * usual_share)
order by told_date, source, kind, evidence
