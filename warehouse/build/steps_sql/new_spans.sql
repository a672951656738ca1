-- From when to when each timeline has new events with no silence longer than the timeout between.
-- grain: several rows per stream, user_id and tracker_key
with

placed as (
    select
        stream,
        user_id,
        case
            when stream = 'tracker' and tracker_session_id is not null
                then source || chr(31) || tracker_session_id
        end as tracker_key,
        event_time
    from working.new_events
),

flagged as (
    select
        placed.*,
        coalesce(
            event_time - lag(event_time) over timeline > stg_settings.timeout, true
        ) as is_start
    from placed
    cross join stg_settings
    window timeline as (partition by stream, user_id, tracker_key order by event_time)
),

numbered as (
    select
        *,
        -- A count with a filter takes the square of a user's events.
        sum(is_start::int) over (
            partition by stream, user_id, tracker_key
            order by event_time
            rows between unbounded preceding and current row
        ) as span_number
    from flagged
)

select
    stream,
    user_id,
    tracker_key,
    min(event_time) as first_time,
    max(event_time) as last_time
from numbered
group by stream, user_id, tracker_key, span_number
