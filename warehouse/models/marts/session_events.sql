-- Events with the session they are in. Sorted by user and time, so that one is found quickly.
-- grain: one row per source and event_id
with

final as (
    select
        event_id, -- With source the primary key.
        source, -- Name of the source.
        session_id, -- The session it is in.
        int_sessionised_events.stream, -- inactivity or tracker.
        user_id, -- Known id, else anonymous id.
        anonymous_id, -- Anonymous id as received.
        event_time, -- UTC.
        timezone(stg_settings.time_zone, timezone('UTC', event_time))::date
            as event_date, -- Local day.
        event_number, -- 1 is the session's first.
        event_type, -- snake_case.
        page, -- Path without query string, or the template of the page rule that it fits.
        raw_page, -- Path as received, where a page rule names it otherwise; else null.
        page_host, -- Host of the page.
        referrer, -- As received.
        campaign, -- Campaign name.
        device_type, -- desktop, mobile, tablet, bot or other; null unknown.
        browser, -- Browser family.
        os, -- Operating system family.
        tracker_session_id, -- The tracker's own session id.
        chat_id, -- Conversation of an LLM chat.
        session_type, -- Kind of visit.
        experiment_id, -- Experiment the user is in.
        model_group, -- Model group the user is in.
        query_type, -- Kind of query.
        is_action, -- Not passive.
        is_query, -- A prompt, query or search.
        is_error, -- An error.
        properties -- JSON text of everything else.
    from int_sessionised_events
    cross join stg_settings
)

select * from final
order by user_id, event_time, event_id
