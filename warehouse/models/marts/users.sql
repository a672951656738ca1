-- Users: when they came first and last, how much and how they use the product.
-- grain: one row per user_id
with

events_summed as (
    select
        user_id,
        min(event_time) as first_event_time,
        max(event_time) as last_event_time,
        min(event_date) as first_date,
        max(event_date) as last_date,
        count(*) as event_count,
        count(*) filter (is_action) as action_count,
        count(*) filter (is_query) as query_count,
        count(*) filter (is_error) as error_count,
        count(distinct event_date) as active_day_count,
        bool_and(coalesce(user_id = anonymous_id, false)) as is_anonymous
    from session_events
    group by user_id
),

sessions_summed as (
    select
        user_id,
        count(*) as session_count,
        bool_or(is_bot) as is_bot,
        coalesce(sum(duration_seconds) filter (not is_suspect), 0) as total_duration_seconds,
        avg(duration_seconds) filter (not is_suspect) as avg_duration_seconds,
        median(duration_seconds) filter (not is_suspect) as median_duration_seconds,
        arg_max(device_type, session_number) as device_type,
        arg_max(model_group, session_number) as model_group
    from user_sessions
    group by user_id
),

final as (
    select
        events.user_id, -- Primary key: known id, else anonymous id.
        events.is_anonymous, -- Only ever seen by the anonymous id.
        sessions.is_bot, -- A session came from a bot.
        events.first_event_time, -- First event ever, UTC.
        events.last_event_time, -- Last event, UTC.
        events.first_date, -- Local day of the first event ever: the cohort.
        events.last_date, -- Local day of the last event.
        sessions.session_count, -- All sessions, open ones and those over 24 h too.
        events.event_count, -- Events.
        events.action_count, -- Events that are not passive.
        events.query_count, -- Prompts, queries, searches.
        events.error_count, -- Error events.
        events.active_day_count, -- Local days with an event.
        sessions.total_duration_seconds, -- Without sessions over 24 h.
        sessions.avg_duration_seconds, -- Mean, one-event sessions as 0 s, without those over 24 h.
        sessions.median_duration_seconds, -- One-event sessions as 0 s, without those over 24 h.
        sessions.device_type, -- The latest one told.
        sessions.model_group, -- The latest one told.
        user_patterns.pattern -- See user_patterns.
    from events_summed as events
    inner join sessions_summed as sessions on sessions.user_id = events.user_id
    inner join user_patterns on user_patterns.user_id = events.user_id
)

select * from final
order by user_id
