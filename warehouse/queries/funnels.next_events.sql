-- The event that came right after each of some events in its session, counted; none where the
-- session ended there.
-- grain: one event type, and page of page views
with

events_given as (
    select
        unnest($sessions::varchar[]) as session_id,
        unnest($numbers::bigint[]) as event_number
),

events_followed as (
    select
        session_events.event_type,
        if(session_events.event_type = 'page_view', session_events.page, null) as page
    from events_given
    left join session_events
        on
            events_given.session_id = session_events.session_id
            and events_given.event_number + 1 = session_events.event_number
)

select
    event_type,
    page,
    count(*) as count,
    count(*) / sum(count(*)) over () as share
from events_followed
group by all
order by count desc, event_type asc nulls last, page asc nulls last
limit $row_limit
