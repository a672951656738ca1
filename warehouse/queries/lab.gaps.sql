-- Gaps between the events that sessions are cut from, by the source of the later event. A gap is of
-- the session that the later event is in. Eight bins a decade; 0 s is a bin of its own.
-- grain: source x bin
with

counted as (
    select
        gaps.source,
        case when gaps.gap_us > 0 then ceil(round(8 * log10(gaps.gap_us / 1e6), 9)) end as bin,
        count(*) as gap_count
    from (
        select
            session_id,
            source,
            gap_us
        from event_gaps
        union all
        select
            line.session_id,
            firsts.source,
            line.silence_us as gap_us
        from session_line as line
        inner join session_events as firsts
            on firsts.session_id = line.session_id and firsts.event_number = 1
        where line.silence_us is not null
    ) as gaps
    semi join filtered_sessions as sessions on sessions.session_id = gaps.session_id
    group by all
)

select
    source,
    case when bin is null then 0 else power(10, (bin - 1) / 8) end as low_seconds,
    case when bin is null then 0 else power(10, bin / 8) end as high_seconds,
    gap_count
from counted
order by source, low_seconds, high_seconds
