-- Engaged time under other idle timeouts: each gap of a session counts up to one; after an idle
-- mark it counts nothing. Suspect sessions are left out.
-- grain: one idle timeout
with

sessions_timed as (
    select session_id
    from filtered_sessions
    where not is_suspect
),

-- How many gaps are of each length is enough, and far fewer.
lengths as (
    select
        gaps.gap_us,
        count(*) as gap_count
    from event_gaps as gaps
    semi join sessions_timed on sessions_timed.session_id = gaps.session_id
    where not coalesce(list_contains($idle_events::varchar[], gaps.type_before), false)
    group by gaps.gap_us
),

counted as (
    select count(*) as session_count
    from sessions_timed
)

select
    asked.idle_us / 1e6 as idle_seconds,
    coalesce(sum(lengths.gap_count * least(lengths.gap_us, asked.idle_us)), 0)
    / 1e6
    / nullif(any_value(counted.session_count), 0) as avg_engaged_seconds,
    any_value(counted.session_count) as session_count
from (select unnest($idles_us::bigint[]) as idle_us) as asked
cross join counted
left join lengths on true
group by asked.idle_us
order by asked.idle_us
