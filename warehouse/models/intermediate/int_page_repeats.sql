-- How often the page seen most often in a session was seen.
-- grain: one row per session_id that has page views
with

counted as (
    select
        session_id,
        -- Two items under one template are two pages to who looks at them.
        coalesce(raw_page, page) as page,
        count(*) as view_count
    from int_sessionised_events
    where event_type = 'page_view' and page is not null
    group by session_id, coalesce(raw_page, page)
),

final as (
    select
        session_id,
        max(view_count) as most_views_of_a_page
    from counted
    group by session_id
)

select * from final
