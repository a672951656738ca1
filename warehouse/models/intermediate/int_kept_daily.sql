-- Days that were pruned, as they were told before. An earlier Dwell kept no row of all streams
-- together: it is made of theirs. Users, medians and favourites of two streams cannot be put
-- together, and are null.
-- scope: day
-- grain: one row per stream and stat_date
with

-- What an earlier Dwell did not keep is null.
kept as (
    select *
    from kept_daily
    union all by name
    select
        null::bigint as total_sessions,
        null::bigint as unique_users,
        null::bigint as new_users,
        null::double as avg_duration_seconds,
        null::double as median_duration_seconds,
        null::double as p90_duration_seconds,
        null::double as avg_engaged_seconds,
        null::double as bounce_rate,
        null::double as error_rate,
        null::double as abandonment_rate,
        null::double as actions_per_session,
        null::varchar as most_common_entry,
        null::varchar as most_common_exit,
        null::bigint as bot_sessions,
        null::bigint as suspect_sessions,
        null::bigint as open_sessions
    where false
),

streams_alone as (
    select
        *,
        count(*) over (partition by stat_date) as stream_count
    from kept
    where stat_date not in (select stat_date from kept where stream = 'all')
),

-- A mean or rate is of the sessions that it counts, so theirs are its weights.
weighed as (
    select
        *,
        total_sessions - suspect_sessions as timed_count,
        total_sessions - open_sessions as closed_count
    from streams_alone
    where stream_count > 1
),

put_together as (
    select
        'all' as stream,
        stat_date,
        sum(total_sessions)::bigint as total_sessions,
        sum(new_users)::bigint as new_users,
        sum(avg_duration_seconds * timed_count)
        / nullif(sum(timed_count) filter (avg_duration_seconds is not null), 0)
            as avg_duration_seconds,
        sum(avg_engaged_seconds * timed_count)
        / nullif(sum(timed_count) filter (avg_engaged_seconds is not null), 0)
            as avg_engaged_seconds,
        sum(bounce_rate * closed_count)
        / nullif(sum(closed_count) filter (bounce_rate is not null), 0) as bounce_rate,
        sum(error_rate * closed_count)
        / nullif(sum(closed_count) filter (error_rate is not null), 0) as error_rate,
        sum(abandonment_rate * closed_count)
        / nullif(sum(closed_count) filter (abandonment_rate is not null), 0)
            as abandonment_rate,
        sum(actions_per_session * total_sessions)
        / nullif(sum(total_sessions) filter (actions_per_session is not null), 0)
            as actions_per_session,
        sum(bot_sessions)::bigint as bot_sessions,
        sum(suspect_sessions)::bigint as suspect_sessions,
        sum(open_sessions)::bigint as open_sessions
    from weighed
    group by stat_date
)

select * from kept
union all by name
select * exclude (stream_count) replace ('all' as stream)
from streams_alone
where stream_count = 1
union all by name
select * from put_together
