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
        epoch_us(event_time) - lag(epoch_us(event_time)) over in_a_row as since_the_last_us,
        (lead(epoch_us(event_time)) over in_a_row) - epoch_us(event_time) as until_the_next_us
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
        coalesce(properties ->> '$.x', properties ->> '$.clientX') as x_text,
        coalesce(properties ->> '$.y', properties ->> '$.clientY') as y_text
    from clicks
    cross join stg_settings
    where
        since_the_last_us <= stg_settings.rage_click_time_us
        or until_the_next_us <= stg_settings.rage_click_time_us
),

-- Each engine reads more texts as numbers than others do, such as 1_0 or inf: these are no places.
clicks_measured as (
    select
        session_id,
        event_number,
        event_time,
        try_cast(x_text as double) as x,
        try_cast(y_text as double) as y
    from clicks_read
    where
        regexp_matches(
            x_text, '^ *[-+]?([0-9]{1,18}([.][0-9]*)?|[.][0-9]+)([Ee][-+]?[0-9]{1,2})? *\z'
        )
        and regexp_matches(
            y_text, '^ *[-+]?([0-9]{1,18}([.][0-9]*)?|[.][0-9]+)([Ee][-+]?[0-9]{1,2})? *\z'
        )
),

clicks_placed as (
    select
        *,
        row_number() over (partition by session_id order by event_number) as place
    from clicks_measured
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
        epoch_us(later_clicks.event_time) - epoch_us(first_clicks.event_time)
        <= stg_settings.rage_click_time_us
        and (later_clicks.x - first_clicks.x) * (later_clicks.x - first_clicks.x)
        + (later_clicks.y - first_clicks.y) * (later_clicks.y - first_clicks.y)
        <= pow(stg_settings.rage_click_distance, 2)
    group by first_clicks.session_id, first_clicks.place
),

final as (
    select distinct clicks_near.session_id
    from clicks_near
    cross join stg_settings
    where clicks_near.near_count >= stg_settings.rage_clicks
)

select * from final
