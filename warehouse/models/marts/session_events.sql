-- Events with the session they are in. Sorted by user and time, so that one is found quickly.
-- scope: session
-- key: session_id
-- kept as: parts
-- grain: one row per source and event_id
with

final as (
    select
        events.event_id, -- With source the primary key.
        events.source, -- Name of the source.
        sessions.session_id, -- The session it is in.
        events.stream, -- inactivity or tracker.
        events.user_id, -- Known id, else anonymous id.
        events.anonymous_id, -- Anonymous id as received.
        events.event_time, -- UTC.
        case
            when stg_settings.time_zone = 'UTC' then events.event_time::date
            else timezone(stg_settings.time_zone, timezone('UTC', events.event_time))::date
        end as event_date, -- Local day.
        events.position - sessions.first_position + 1
            as event_number, -- 1 is the session's first.
        events.gap_seconds, -- Since the event before it in its session; null for the first.
        events.event_type, -- snake_case.
        events.page, -- Path without query string, or the template of the page rule that it fits.
        events.raw_page, -- Path as received, where a page rule names it otherwise; else null.
        events.page_host, -- Host of the page.
        events.referrer, -- As received.
        events.campaign, -- Campaign name.
        events.device_type, -- desktop, mobile, tablet, bot or other; null unknown.
        events.browser, -- Browser family.
        events.os, -- Operating system family.
        events.tracker_session_id, -- The tracker's own session id.
        events.chat_id, -- Conversation of an LLM chat.
        events.session_type, -- Kind of visit.
        events.experiment_id, -- Experiment the user is in.
        events.model_group, -- Model group the user is in.
        events.query_type, -- Kind of query.
        types.is_action, -- Not passive.
        types.is_query, -- A prompt, query or search.
        types.is_error, -- An error.
        sessions.is_bot, -- An event of the session came from a bot.
        events.properties -- JSON text of everything else.
    from int_sessionised_events as events
    inner join int_session_totals as sessions
        on
            sessions.timeline = events.timeline
            and sessions.session_index = events.session_index
    inner join int_event_types as types on types.event_type = events.event_type
    cross join stg_settings
)

select * from final
