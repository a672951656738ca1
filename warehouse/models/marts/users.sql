-- Users: when they came first and last, how much and how they use the product. Sessions that were
-- pruned count, also those of users who did not come back since.
-- scope: user
-- key: user_id
-- grain: one row per user_id
with

-- Days before the cut are counted with what was kept, those of sessions that go on past it too.
days_counted as (
    select
        user_id,
        count(distinct event_date) as active_day_count
    from session_days
    cross join stg_settings
    where stg_settings.pruned_before is null or event_date >= stg_settings.pruned_before
    group by user_id
),

-- Two sessions of one user may have events of one time: of two streams, and where one ends as the
-- next begins.
sessions_compared as (
    select
        *,
        coalesce(start_time <= max(end_time) over earlier, false) as touches_another
    from user_sessions
    window earlier as (
        partition by user_id order by start_time, session_id
        rows between unbounded preceding and 1 preceding
    )
),

-- Microseconds add up to the same in any order of the sessions; fractions of seconds do not.
sessions_summed as (
    select
        user_id,
        any_value(user_key) as user_key,
        bool_or(touches_another) as has_touching_sessions,
        count(*) as session_count,
        min(start_time) as first_event_time,
        max(end_time) as last_event_time,
        sum(event_count)::bigint as event_count,
        sum(action_count)::bigint as action_count,
        sum(query_count)::bigint as query_count,
        sum(error_count)::bigint as error_count,
        not bool_or(has_known_user) as is_anonymous,
        bool_or(is_bot) as is_bot,
        count(*) filter (not is_suspect) as timed_session_count,
        coalesce(
            sum(round(duration_seconds * 1000000)::bigint) filter (not is_suspect), 0
        ) as total_duration_us,
        median(duration_seconds) filter (not is_suspect) as median_duration_seconds,
        arg_max(device_type, session_number) as device_type,
        arg_max(model_group, session_number) as model_group
    from sessions_compared
    group by user_id
),

joined as (
    select
        user_patterns.user_id,
        sessions.user_key,
        coalesce(sessions.has_touching_sessions, false) as has_touching_sessions,
        user_patterns.pattern,
        coalesce(sessions.is_anonymous, true) and coalesce(kept.is_anonymous, true) as is_anonymous,
        coalesce(sessions.is_bot, false) or coalesce(kept.is_bot, false) as is_bot,
        least(sessions.first_event_time, kept.first_event_time) as first_event_time,
        greatest(sessions.last_event_time, kept.last_event_time) as last_event_time,
        coalesce(sessions.session_count, 0) + coalesce(kept.session_count, 0) as session_count,
        coalesce(sessions.event_count, 0) + coalesce(kept.event_count, 0) as event_count,
        coalesce(sessions.action_count, 0) + coalesce(kept.action_count, 0) as action_count,
        coalesce(sessions.query_count, 0) + coalesce(kept.query_count, 0) as query_count,
        coalesce(sessions.error_count, 0) + coalesce(kept.error_count, 0) as error_count,
        coalesce(days.active_day_count, 0) + coalesce(kept.active_day_count, 0)
            as active_day_count,
        coalesce(sessions.timed_session_count, 0) + coalesce(kept.timed_session_count, 0)
            as timed_session_count,
        (
            coalesce(sessions.total_duration_us, 0)
            + coalesce(round(kept.total_duration_seconds * 1000000)::bigint, 0)
        ) / 1000000.0 as total_duration_seconds,
        case
            when coalesce(kept.timed_session_count, 0) = 0 then sessions.median_duration_seconds
        end as median_duration_seconds,
        coalesce(sessions.device_type, kept.device_type) as device_type,
        coalesce(sessions.model_group, kept.model_group) as model_group
    from user_patterns
    left join days_counted as days on days.user_id = user_patterns.user_id
    left join sessions_summed as sessions on sessions.user_id = user_patterns.user_id
    left join stg_kept_users as kept on kept.user_id = user_patterns.user_id
),

final as (
    select
        joined.user_id, -- Primary key: known id, else anonymous id.
        user_key, -- The small number of user_sessions; null when all sessions were pruned.
        has_touching_sessions, -- Two of the sessions may have events of one time.
        is_anonymous, -- Only ever seen by the anonymous id.
        is_bot, -- A session came from a bot.
        first_event_time, -- First event ever, UTC.
        last_event_time, -- Last event, UTC.
        timezone(stg_settings.time_zone, timezone('UTC', first_event_time))::date
            as first_date, -- Local day of the first event ever: the cohort.
        timezone(stg_settings.time_zone, timezone('UTC', last_event_time))::date
            as last_date, -- Local day of the last event.
        session_count, -- All sessions, open ones, those over 24 h and pruned ones too.
        event_count, -- Events.
        action_count, -- Events that are not passive.
        query_count, -- Prompts, queries, searches.
        error_count, -- Error events.
        active_day_count, -- Local days with an event.
        total_duration_seconds, -- Without sessions over 24 h.
        total_duration_seconds / nullif(timed_session_count, 0)
            as avg_duration_seconds, -- Mean, one-event sessions as 0 s, without those over 24 h.
        median_duration_seconds, -- Likewise; null when a session was pruned: not known then.
        device_type, -- The latest one told.
        model_group, -- The latest one told.
        pattern, -- See user_patterns.
        own.* exclude (user_id)
    from joined
    cross join stg_settings
    left join own_columns_of_users() as own on own.user_id = joined.user_id
)

select * from final
order by user_id
