-- Headline numbers with and without the days of each fault, within the period, or else within these
-- days and the four weeks before them. A day is left out whole: what of it is right is not known.
-- grain: one run of days of one source and kind
with

-- The first day of the data: what lies before a prune is told no more.
first_days_kept as (
    select min(start_date) as first_date
    from source_days
    where $pruned_before::date is null or start_date >= $pruned_before::date
),

-- A period that is open at one end goes from the first day, or up to now.
spans as (
    select
        faulty_days.*,
        row_number() over () as span,
        greatest(
            case
                when $last_date::date is null
                    then coalesce($first_date::date, faulty_days.first_date - 28)
                else $first_date::date
            end,
            first_days_kept.first_date
        ) as period_start,
        least(
            case
                when $first_date::date is null
                    then coalesce($last_date::date, faulty_days.last_date)
                else $last_date::date
            end,
            $as_of_date::date
        ) as period_end
    from (
        select
            *,
            [source] as sources
        from faulty_days
    ) as faulty_days
    cross join first_days_kept
    where
        ($first_date::date is null or faulty_days.last_date >= $first_date::date)
        and ($last_date::date is null or faulty_days.first_date <= $last_date::date)
        and $source_holds
),

span_days as (
    select
        span,
        local_date,
        local_date between first_date and last_date as is_faulty
    from (
        select
            *,
            unnest(generate_series(period_start, period_end, interval 1 day))::date as local_date
        from spans
    ) as days
),

days_counted as (
    select
        span,
        count(*) as day_count,
        count(*) filter (not is_faulty) as day_count_without
    from span_days
    group by span
),

sessions_measured as (
    select
        span_days.span,
        count(*) as session_count,
        count(*) filter (not is_faulty) as session_count_without,
        median(timed_seconds) as median_duration_seconds,
        median(timed_seconds) filter (not is_faulty) as median_duration_seconds_without,
        avg(bounced) as bounce_rate,
        avg(bounced) filter (not is_faulty) as bounce_rate_without
    from span_days
    inner join filtered_sessions on filtered_sessions.start_date = span_days.local_date
    group by span_days.span
),

users_counted as (
    select
        span_days.span,
        count(distinct user_key) as user_count,
        count(distinct user_key) filter (not is_faulty) as user_count_without
    from span_days
    inner join active_days on active_days.event_date = span_days.local_date
    group by span_days.span
)

select
    spans.kind,
    spans.source,
    spans.first_date,
    spans.last_date,
    spans.evidence,
    spans.period_start,
    spans.period_end,
    coalesce(days_counted.day_count, 0) as day_count,
    coalesce(days_counted.day_count_without, 0) as day_count_without,
    coalesce(sessions_measured.session_count, 0) as session_count,
    coalesce(sessions_measured.session_count_without, 0) as session_count_without,
    coalesce(users_counted.user_count, 0) as user_count,
    coalesce(users_counted.user_count_without, 0) as user_count_without,
    sessions_measured.median_duration_seconds,
    sessions_measured.median_duration_seconds_without,
    sessions_measured.bounce_rate,
    sessions_measured.bounce_rate_without
from spans
left join days_counted on spans.span = days_counted.span
left join sessions_measured on spans.span = sessions_measured.span
left join users_counted on spans.span = users_counted.span
order by spans.first_date, spans.source, spans.kind, spans.last_date, spans.evidence
