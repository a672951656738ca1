-- Of sessions with events within the scope and beyond it: what those within tell, by the column of
-- the events.
-- grain: one session
with

sessions_counted as (
    select
        session_id,
        count(*) as event_count
    from session_events
    group by session_id
),

sessions_cut as (
    select
        session_id,
        count(*) as event_count
    from scope_events
    group by session_id
),

sessions_parted as (
    select sessions_cut.session_id
    from sessions_cut
    inner join sessions_counted on sessions_counted.session_id = sessions_cut.session_id
    where sessions_cut.event_count < sessions_counted.event_count
)

select
    session_id,
    $told
from scope_events as events
semi join sessions_parted on sessions_parted.session_id = events.session_id
group by session_id
