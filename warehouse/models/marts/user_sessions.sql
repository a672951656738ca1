-- Sessions: when they were, what was done in them, how they began and ended.
-- grain: one row per session_id
with

-- An open session may still go on: nothing about its end is decided.
openness_decided as (
    select
        totals.*,
        not totals.has_ended
        and not (totals.stream = 'tracker' and totals.last_event_type = 'session_end')
        and int_as_of.as_of - totals.end_time <= stg_settings.timeout as is_open
    from int_session_totals as totals
    cross join stg_settings
    cross join int_as_of
),

endings_named as (
    select
        *,
        case
            when is_open then null
            when has_ended then 'logout'
            when
                last_event_type = 'session_end'
                and told_reason in ('logout', 'navigation', 'error', 'timeout')
                then told_reason
            when ends_on_error then 'error'
            when ends_on_leave then 'navigation'
            else 'timeout'
        end as exit_reason
    from openness_decided
),

final as (
    select
        ends.session_id, -- Primary key; made of the session's first event.
        ends.stream, -- inactivity or tracker: how the session was cut.
        ends.sources, -- The sources its events came from, sorted.
        ends.user_id, -- Known id, else anonymous id.
        ends.start_time, -- Time of the first event, UTC.
        ends.end_time, -- Time of the last event, UTC.
        timezone(stg_settings.time_zone, timezone('UTC', ends.start_time))::date
            as start_date, -- Local day of the start; the session belongs to it.
        ends.duration_seconds, -- End minus start; 0 for one event.
        ends.engaged_us / 1000000.0 as engaged_seconds, -- Sum of gaps, each capped at idle_timeout.
        ends.event_count, -- Events.
        ends.action_count, -- Events that are not passive.
        ends.page_view_count, -- Page views.
        ends.distinct_page_count, -- Distinct pages among the page views.
        ends.query_count, -- Prompts, queries, searches.
        ends.error_count, -- Errors.
        ends.workflow_count, -- Workflows started.
        ends.chat_count, -- Distinct chats.
        ends.device_type, -- First one told: desktop, mobile, tablet, bot, other; null unknown.
        ends.browser, -- First one told.
        ends.os, -- First one told.
        ends.entry_page, -- First page.
        case
            when ends.entry_referrer = '' then 'direct'
            when ends.entry_referrer_host = '' then 'internal'
            when
                list_contains(stg_settings.internal_hosts, ends.entry_referrer_host)
                or ends.entry_referrer_host = ends.entry_host
                then 'internal'
            else 'external'
        end as entry_source, -- direct, internal or external, by the entry's referrer.
        nullif(ends.entry_referrer, '') as referrer, -- Referrer of the entry.
        ends.campaign, -- First campaign.
        ends.exit_page, -- Last page.
        ends.last_action, -- Type of the last action.
        ends.exit_reason, -- logout, navigation, error or timeout; null while open.
        ends.session_type, -- First one told.
        coalesce(ends.tags, []) as tags, -- All tags, sorted.
        coalesce(ends.assets, []) as assets, -- All assets, sorted.
        ends.experiment_id, -- First one told.
        ends.model_group, -- First one told.
        coalesce(kept.session_count, 0) + row_number() over (
            partition by ends.user_id order by ends.start_time, ends.session_id
        ) as session_number, -- 1 for the user's first; pruned ones count.
        coalesce(kept.session_count, 0) + row_number() over (
            partition by ends.user_id order by ends.start_time, ends.session_id
        ) = 1 as is_new_user, -- The user's first session ever.
        ends.is_open, -- Not ended, and active within the timeout of as-of.
        not ends.is_open
        and ends.duration_seconds < stg_settings.bounce_seconds
        and ends.action_count <= stg_settings.bounce_actions
            as is_bounce, -- Closed, under 30 s, at most one action.
        case
            when int_streams.has_queries
                then coalesce(ends.exit_reason = 'timeout', false)
                    and ends.query_count < stg_settings.abandoned_queries
        end as is_abandoned, -- Closed by timeout, under 2 queries; null in streams without any.
        ends.duration_seconds > stg_settings.suspect_seconds
            as is_suspect, -- Longer than 24 h: not in duration statistics.
        ends.is_bot, -- An event came from a bot.
        ends.event_count >= 2 as has_duration, -- Two or more events.
        chosen.pattern, -- Behaviour pattern; null when none reaches one half.
        chosen.pattern_confidence, -- Share of the pattern's indicators that hold.
        chosen.pattern_indicators -- The indicators that hold, in words.
    from endings_named as ends
    inner join int_streams on int_streams.stream = ends.stream
    left join stg_kept_users as kept on kept.user_id = ends.user_id
    left join int_session_pattern_chosen as chosen on chosen.session_id = ends.session_id
    cross join stg_settings
)

select * from final
order by start_time, session_id
