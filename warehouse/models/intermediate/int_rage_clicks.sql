-- Sessions with rage_clicks in a row within rage_click_time, each within rage_click_distance pixels
-- of the first of them.
-- scope: session
-- grain: one row per session_id that has some
with

clicks as (
    select
        session_id,
        event_number,
        event_time,
        properties,
        event_time - lag(event_time) over in_a_row as since_the_last,
        (lead(event_time) over in_a_row) - event_time as until_the_next
    from session_events
    where event_type in ('click', 'rage_click')
    window in_a_row as (partition by session_id order by event_number)
),

-- To read where a click was is dear, and only clicks next to another one can be among several.
clicks_read as (
    select
        session_id,
        event_number,
        event_time,
        try_cast(coalesce(properties ->> '$.x', properties ->> '$.clientX') as double) as x,
        try_cast(coalesce(properties ->> '$.y', properties ->> '$.clientY') as double) as y
    from clicks
    cross join stg_settings
    where
        since_the_last <= stg_settings.rage_click_time
        or until_the_next <= stg_settings.rage_click_time
),

clicks_placed as (
    select
        *,
        row_number() over (partition by session_id order by event_number) as place
    from clicks_read
    where x is not null and y is not null
),

-- Each click beside itself and those that follow it: so many as make a row of them.
rows_begun as (
    select
        clicks_placed.*,
        unnest(generate_series(place, place + stg_settings.rage_clicks - 1)) as later_place
    from clicks_placed
    cross join stg_settings
),

clicks_near as (
    select
        first_clicks.session_id,
        first_clicks.place,
        count(*) as near_count
    from rows_begun as first_clicks
    inner join clicks_placed as later_clicks
        on
            later_clicks.session_id = first_clicks.session_id
            and later_clicks.place = first_clicks.later_place
    cross join stg_settings
    where
        later_clicks.event_time - first_clicks.event_time <= stg_settings.rage_click_time
        and sqrt(
            pow(later_clicks.x - first_clicks.x, 2) + pow(later_clicks.y - first_clicks.y, 2)
        ) <= stg_settings.rage_click_distance
    group by first_clicks.session_id, first_clicks.place
),

final as (
    select distinct clicks_near.session_id
    from clicks_near
    cross join stg_settings
    where clicks_near.near_count >= stg_settings.rage_clicks
)

select * from final
