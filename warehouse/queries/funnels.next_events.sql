-- The act that came after each of some events in its session, counted; none where the session ended
-- without one. What a tracker notes by itself, such as a heartbeat, is no act.
-- grain: one event type, and page of page views
with

events_given as (
    select
        unnest($sessions::varchar[]) as session_id,
        unnest($numbers::bigint[]) as event_number
),

acts_followed as (
    select
        arg_min(session_events.event_type, session_events.event_number) as event_type,
        arg_min(
            if(session_events.event_type = 'page_view', coalesce(session_events.page, ''), ''),
            session_events.event_number
        ) as page
    from events_given
    left join session_events
        on
            events_given.session_id = session_events.session_id
            and events_given.event_number < session_events.event_number
            and session_events.is_action
    group by events_given.session_id, events_given.event_number
)

select
    event_type,
    nullif(page, '') as page,
    count(*) as count,
    count(*) / sum(count(*)) over () as share
from acts_followed
group by all
order by count desc, event_type asc nulls last, page asc nulls last
limit $row_limit
