-- How often the page seen most often in a session was seen. Only sessions that see some page
-- three times or more are in here: they have two or more views beyond one of each page.
-- scope: session
-- grain: one row per session_id
with

counted as (
    select
        events.session_id,
        -- Two items under one template are two pages to who looks at them.
        coalesce(events.raw_page, events.page) as page,
        count(*) as view_count
    from session_events as events
    semi join int_session_totals as totals
        on
            totals.session_id = events.session_id
            and totals.page_view_count >= totals.distinct_page_count + 2
    where events.event_type = 'page_view' and events.page is not null
    group by events.session_id, coalesce(events.raw_page, events.page)
),

final as (
    select
        session_id,
        max(view_count) as most_views_of_a_page
    from counted
    group by session_id
    having max(view_count) >= 3
)

select * from final
