-- Sessions by the local day of their start. Bots are left out and counted. Open sessions are in
-- no rate, sessions over 24 h in no duration. No sessions: 0 for counts, null for the rest.
-- grain: one row per stream and stat_date
with

sessions_summed as (
    select
        stream,
        start_date,
        count(*) filter (not is_bot) as total_sessions,
        count(*) filter (not is_bot and is_new_user) as new_users,
        avg(duration_seconds) filter (not is_bot and not is_suspect) as avg_duration_seconds,
        median(duration_seconds) filter (not is_bot and not is_suspect)
            as median_duration_seconds,
        quantile_cont(duration_seconds, 0.9) filter (not is_bot and not is_suspect)
            as p90_duration_seconds,
        avg(engaged_seconds) filter (not is_bot and not is_suspect) as avg_engaged_seconds,
        avg(is_bounce::int) filter (not is_bot and not is_open) as bounce_rate,
        avg((error_count > 0)::int) filter (not is_bot and not is_open) as error_rate,
        avg(is_abandoned::int) filter (not is_bot and not is_open) as abandonment_rate,
        avg(action_count) filter (not is_bot) as actions_per_session,
        count(*) filter (is_bot) as bot_sessions,
        count(*) filter (not is_bot and is_suspect) as suspect_sessions,
        count(*) filter (not is_bot and is_open) as open_sessions
    from user_sessions
    group by stream, start_date
),

-- A day may have users and no session that starts on it: visits that began the day before.
final as (
    select
        coalesce(sessions.stream, users.stream) as stream, -- inactivity or tracker.
        coalesce(sessions.start_date, users.event_date) as stat_date, -- Local day.
        coalesce(sessions.total_sessions, 0) as total_sessions, -- Sessions that start on the day.
        coalesce(users.unique_users, 0)
            as unique_users, -- Users with an event on the day; not to be added up.
        coalesce(sessions.new_users, 0) as new_users, -- Users whose first session it is.
        sessions.avg_duration_seconds, -- Mean duration.
        sessions.median_duration_seconds, -- Median duration.
        sessions.p90_duration_seconds, -- 90th percentile of the duration.
        sessions.avg_engaged_seconds, -- Mean engaged time.
        sessions.bounce_rate, -- Share of closed sessions that bounced.
        sessions.error_rate, -- Share of closed sessions with an error.
        sessions.abandonment_rate, -- Share of closed sessions that were abandoned.
        sessions.actions_per_session, -- Mean number of actions.
        favourites.most_common_entry, -- Ties alphabetical.
        favourites.most_common_exit, -- Ties alphabetical.
        coalesce(sessions.bot_sessions, 0) as bot_sessions, -- Left out of all others.
        coalesce(sessions.suspect_sessions, 0) as suspect_sessions, -- Over 24 h.
        coalesce(sessions.open_sessions, 0) as open_sessions -- Not over yet.
    from sessions_summed as sessions
    full outer join int_daily_users as users
        on users.stream = sessions.stream and users.event_date = sessions.start_date
    left join int_daily_favourites as favourites
        on
            favourites.stream = sessions.stream
            and favourites.start_date = sessions.start_date
)

select * from final
order by stat_date, stream
