-- Events as a tool meets them: in one line per user, whatever stream or tracker they came by, each
-- beside the one before. Hits of a bot are a line of their own, as another visitor's. A line is a
-- number, since to compare names takes twice as long.
-- grain: one event
with

numbered as (
    select
        *,
        coalesce(device_type = 'bot', false) as is_bot_hit,
        hash(user_id, coalesce(device_type = 'bot', false)) as line,
        case
            when list_contains(list_prepend('session_start', $starts::varchar[]), event_type) then 0
            when list_contains(list_prepend('session_end', $ends::varchar[]), event_type) then 2
            else 1
        end as type_rank
    from session_events
),

paired as (
    select
        *,
        row_number() over in_order as position,
        lag(event_time) over in_order as time_before,
        lag(event_date) over in_order as date_before,
        lag(event_type) over in_order as type_before,
        lag(campaign) over in_order as campaign_before,
        lag(referrer) over in_order as referrer_before,
        lag(page_host) over in_order as host_before
    from numbered
    window in_order as (partition by line order by event_time, type_rank, event_id, source)
)

select
    line,
    position,
    is_bot_hit,
    event_time,
    event_date,
    event_type,
    is_action,
    is_query,
    is_error,
    campaign,
    page_host,
    -- What the conditions ask for: $hit_values
    -- A referrer that the hit before had too is no arrival.
    case
        when
            campaign_before is not null
            or coalesce(referrer, '') <> coalesce(referrer_before, '')
            or coalesce(page_host, '') <> coalesce(host_before, '')
            then referrer
    end as new_referrer,
    epoch_us(event_time) - epoch_us(time_before) as gap_us,
    event_date <> date_before as is_next_day,
    coalesce(list_contains($ends::varchar[], type_before), false)
    or coalesce(list_contains($starts::varchar[], event_type), false) as is_forced
from paired
