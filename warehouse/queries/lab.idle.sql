-- Engaged time under other idle timeouts: each gap of a session counts up to one; after an idle
-- mark it counts nothing. Suspect sessions are left out.
-- grain: one idle timeout
with

asked as (
    select unnest($idles_us::bigint[]) as idle_us
),

idle_marks as (
    select
        session_id,
        event_number
    from session_events
    where list_contains($idle_events::varchar[], event_type)
),

engaged as (
    select round(gaps.gap_seconds * 1000000)::bigint as gap_us
    from $gaps as gaps
    anti join idle_marks
        on
            idle_marks.session_id = gaps.session_id
            and idle_marks.event_number = gaps.event_number - 1
    anti join (select session_id from user_sessions where is_suspect) as suspects
        on suspects.session_id = gaps.session_id
),

-- By how many of the timeouts a gap is longer than: they are sorted, so it counts in full for all
-- others, and each of these in its place.
lengths as (
    select
        len(list_filter($idles_us::bigint[], lambda idle: idle < gap_us)) as cut_by,
        count(*) as gap_count,
        sum(gap_us) as total_us
    from engaged
    group by cut_by
),

counted as (
    select count(*) as session_count
    from filtered_sessions
    where not is_suspect
)

select
    asked.idle_us / 1e6 as idle_seconds,
    coalesce(
        sum(
            case
                when asked.idle_us = any(($idles_us::bigint[])[1:lengths.cut_by])
                    then lengths.gap_count * asked.idle_us
                else lengths.total_us
            end
        ),
        0
    )
    / 1e6
    / nullif(any_value(counted.session_count), 0) as avg_engaged_seconds,
    any_value(counted.session_count) as session_count
from asked
cross join counted
left join lengths on true
group by asked.idle_us
order by asked.idle_us
