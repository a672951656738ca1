-- Gaps between the events that sessions are cut from, by the source of the later event. A gap is of
-- the session that the later event is in. Eight bins a decade, whose upper ends are in them (1e-9
-- makes up for what a logarithm is off by); 0 s is a bin of its own.
-- grain: source x bin
with

line as materialized (
    select
        case when only_source is null then session_id end as mixed_session_id,
        only_source,
        silence_us
    from session_line
    where is_taken and silence_us is not null
),

counted as (
    select
        source,
        case when gap_seconds > 0 then ceil(8 * log10(gap_seconds) - 1e-9) end as bin,
        count(*) as gap_count
    from (
        select
            source,
            gap_seconds
        from $gaps
        union all
        select
            only_source as source,
            silence_us / 1e6 as gap_seconds
        from line
        where only_source is not null
        union all
        select
            events.source,
            line.silence_us / 1e6 as gap_seconds
        from line
        inner join session_events as events
            on events.session_id = line.mixed_session_id and events.event_number = 1
    ) as gaps
    group by all
)

select
    source,
    case when bin is null then 0 else power(10, (bin - 1) / 8) end as low_seconds,
    case when bin is null then 0 else power(10, bin / 8) end as high_seconds,
    gap_count
from counted
order by source, low_seconds, high_seconds
