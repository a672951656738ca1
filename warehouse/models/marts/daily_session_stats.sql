-- Sessions by the local day of their start, of each stream and of all together: there a user of
-- both is one, and medians are of all sessions. Bots are left out and counted; what else rates and
-- durations leave out stands in int_counted_sessions. No sessions: 0 for counts, null for the rest.
-- Days that were pruned are told as they were told before.
-- scope: day
-- key: stat_date
-- grain: one row per stream and stat_date
with

-- Microseconds add up to the same in any order of the sessions; fractions of seconds do not.
sessions_summed as (
    select
        coalesce(int_counted_sessions.stream, 'all') as stream,
        start_date,
        count(*) filter (not is_bot) as total_sessions,
        count(*) filter (not is_bot and is_new_user) as new_users,
        avg(round(timed_seconds * 1000000)::bigint) filter (not is_bot) / 1000000.0
            as avg_duration_seconds,
        median(timed_seconds) filter (not is_bot) as median_duration_seconds,
        quantile_cont(timed_seconds, 0.9) filter (not is_bot) as p90_duration_seconds,
        avg(round(timed_engaged_seconds * 1000000)::bigint) filter (not is_bot) / 1000000.0
            as avg_engaged_seconds,
        avg(bounced) filter (not is_bot) as bounce_rate,
        avg(had_error) filter (not is_bot) as error_rate,
        avg(abandoned) filter (not is_bot) as abandonment_rate,
        avg(action_count) filter (not is_bot) as actions_per_session,
        count(*) filter (is_bot) as bot_sessions,
        count(*) filter (not is_bot and is_suspect) as suspect_sessions,
        count(*) filter (not is_bot and is_open) as open_sessions
    from int_counted_sessions
    group by grouping sets ((int_counted_sessions.stream, start_date), (start_date))
),

-- A day may have users and no session that starts on it: visits that began the day before.
measured as (
    select
        coalesce(sessions.stream, users.stream) as stream,
        coalesce(sessions.start_date, users.event_date) as stat_date,
        coalesce(sessions.total_sessions, 0) as total_sessions,
        coalesce(users.unique_users, 0) as unique_users,
        coalesce(sessions.new_users, 0) as new_users,
        sessions.avg_duration_seconds,
        sessions.median_duration_seconds,
        sessions.p90_duration_seconds,
        sessions.avg_engaged_seconds,
        sessions.bounce_rate,
        sessions.error_rate,
        sessions.abandonment_rate,
        sessions.actions_per_session,
        favourites.most_common_entry,
        favourites.most_common_exit,
        coalesce(sessions.bot_sessions, 0) as bot_sessions,
        coalesce(sessions.suspect_sessions, 0) as suspect_sessions,
        coalesce(sessions.open_sessions, 0) as open_sessions,
        false as is_pruned
    from sessions_summed as sessions
    full outer join int_daily_users as users
        on users.stream = sessions.stream and users.event_date = sessions.start_date
    left join int_daily_favourites as favourites
        on
            favourites.stream = sessions.stream
            and favourites.start_date = sessions.start_date
),

-- Sessions that go on past the cut are all there; the day of their start was told with them.
known as (
    select measured.*
    from measured
    cross join stg_settings
    where stg_settings.pruned_before is null or measured.stat_date >= stg_settings.pruned_before
    union all by name
    select
        *,
        true as is_pruned
    from int_kept_daily
),

final as (
    select
        stream, -- inactivity or tracker; all: both together, so never add it to the others.
        stat_date, -- Local day.
        total_sessions, -- Sessions that start on the day.
        unique_users, -- Users with an event on the day; not to be added up.
        new_users, -- Users whose first session it is.
        avg_duration_seconds, -- Mean duration.
        median_duration_seconds, -- Median duration.
        p90_duration_seconds, -- 90th percentile of the duration.
        avg_engaged_seconds, -- Mean engaged time.
        bounce_rate, -- Share of closed sessions that bounced.
        error_rate, -- Share of closed sessions with an error.
        abandonment_rate, -- Share of closed sessions that were abandoned.
        actions_per_session, -- Mean number of actions.
        most_common_entry, -- Ties alphabetical.
        most_common_exit, -- Ties alphabetical.
        bot_sessions, -- Left out of all others.
        suspect_sessions, -- Over 24 h.
        open_sessions, -- Not over yet.
        is_pruned -- The day's events are gone; it is told as it was before.
    from known
)

select * from final
order by stat_date, stream
