-- Sessions: when they were, what was done in them, how they began and ended.
-- key of session: session_id
-- key of user: user_id
-- key of day: start_date
-- grain: one row per session_id
with

final as (
    select
        sessions.session_id, -- Primary key; made of the session's first event.
        sessions.stream, -- inactivity or tracker: how the session was cut.
        sessions.given_session_id, -- The tracker's own id, where it decided; else null.
        sessions.sources, -- The sources its events came from, sorted.
        sessions.user_id, -- Known id, else anonymous id.
        user_keys.user_key, -- Small number to count users by, another in each full build.
        sessions.has_known_user, -- An event carries another id than the anonymous one.
        sessions.start_time, -- Time of the first event, UTC.
        sessions.end_time, -- Time of the last event, UTC.
        sessions.start_date, -- Local day of the start; the session belongs to it.
        sessions.end_date, -- Local day of the end.
        hour(timezone(stg_settings.time_zone, timezone('UTC', sessions.start_time)))::tinyint
            as start_hour, -- Local hour of the start.
        sessions.duration_seconds, -- End minus start; 0 for one event.
        sessions.engaged_seconds, -- Sum of gaps, each capped at idle_timeout.
        sessions.event_count, -- Events.
        sessions.action_count, -- Events that are not passive, or as many as a row tells.
        sessions.page_view_count, -- Page views; likewise.
        sessions.distinct_page_count, -- Distinct pages among the page views.
        sessions.query_count, -- Prompts, queries, searches; likewise.
        sessions.error_count, -- Errors; likewise.
        sessions.workflow_count, -- Workflows started; likewise.
        sessions.chat_count, -- Distinct chats.
        sessions.device_type, -- First one told: desktop, mobile, tablet, bot, other; or null.
        sessions.browser, -- First one told.
        sessions.os, -- First one told.
        sessions.entry_page, -- First page.
        sessions.entry_source, -- direct, internal, external; null without page and referrer.
        sessions.referrer, -- Referrer of the entry, if it is an address.
        sessions.referrer_host, -- Host of that address.
        sessions.campaign, -- First campaign.
        sessions.exit_page, -- Last page.
        sessions.page_path, -- Pages of its page views in order, repeats in a row once.
        sessions.event_path, -- Types of its events in order, repeats in a row once.
        sessions.last_action, -- Type of the last action.
        sessions.exit_reason, -- logout, navigation, error or timeout; null while open.
        sessions.session_type, -- First one told.
        sessions.tags, -- All tags, sorted.
        sessions.assets, -- All assets, sorted.
        sessions.query_types, -- All kinds of queries, sorted.
        sessions.experiment_id, -- First one told.
        sessions.model_group, -- First one told.
        numbers.session_number, -- 1 for the user's first; pruned ones count.
        numbers.session_number = 1 as is_new_user, -- The user's first session ever.
        sessions.is_open, -- Not ended, and active within the timeout of as-of.
        sessions.is_bounce, -- Closed, under 30 s, at most one action.
        case
            when int_streams.has_queries
                then coalesce(sessions.exit_reason = 'timeout', false)
                    and sessions.query_count < stg_settings.abandoned_queries
        end as is_abandoned, -- Closed by timeout, under 2 queries; null in streams without any.
        sessions.is_suspect, -- Longer than 24 h: not in duration statistics.
        sessions.is_bot, -- An event came from a bot.
        sessions.has_duration, -- Two or more events.
        chosen.pattern, -- Behaviour pattern; null under one half or 5 actions.
        chosen.pattern_confidence, -- Share of the pattern's indicators that hold.
        chosen.pattern_indicators, -- The indicators that hold, in words.
        sessions.indicator_set, -- Names of all indicators that hold; see pattern_scores.
        own.* exclude (session_id)
    from int_sessions as sessions
    inner join int_session_numbers as numbers on numbers.session_id = sessions.session_id
    inner join int_user_keys as user_keys on user_keys.user_id = sessions.user_id
    inner join int_streams on int_streams.stream = sessions.stream
    cross join stg_settings
    left join int_patterns_chosen as chosen
        on chosen.indicator_set = sessions.indicator_set
        and sessions.action_count >= stg_settings.pattern_actions
    left join own_columns_of_sessions() as own on own.session_id = sessions.session_id
)

select * from final
