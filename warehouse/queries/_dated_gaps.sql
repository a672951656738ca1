-- Gaps between the events of the sessions that the filters take, where these ask nothing of them
-- but their days: an event's own day is that of its session's start, but for the few sessions that
-- go on past midnight. To look each event's session up takes three times as long.
-- grain: one event that is not its session's first
with

overnight_sessions as (
    select
        session_id,
        start_date
    from user_sessions
    where
        end_date > start_date
        and coalesce($pruned_before::date, $first_date::date, $last_date::date) is not null
),

dated as (
    select
        events.session_id,
        events.event_number,
        events.source,
        events.gap_seconds,
        coalesce(overnight_sessions.start_date, events.event_date) as start_date
    from session_events as events
    left join overnight_sessions on overnight_sessions.session_id = events.session_id
    where events.gap_seconds is not null and ($include_bots or not events.is_bot)
)

select
    session_id,
    event_number,
    source,
    gap_seconds
from dated
where
    ($pruned_before::date is null or start_date >= $pruned_before::date)
    and ($first_date::date is null or start_date >= $first_date::date)
    and ($last_date::date is null or start_date <= $last_date::date)
