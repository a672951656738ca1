-- Users and events of the last $minutes minutes, in buckets that lie on the clock.
-- grain: one bucket
with

buckets_listed as (
    select unnest(
        generate_series(
            time_bucket(to_minutes($bucket), $as_of::timestamp)
            - to_minutes($minutes - $bucket),
            $as_of::timestamp,
            to_minutes($bucket)
        )
    ) as bucket_start
),

sessions_recent as (
    select session_id
    from scoped_sessions
    where end_time >= $as_of::timestamp - to_minutes($minutes)
),

events_counted as (
    select
        time_bucket(to_minutes($bucket), session_events.event_time) as bucket_start,
        count(distinct session_events.user_id) as user_count,
        count(*) as event_count
    from session_events
    inner join sessions_recent on session_events.session_id = sessions_recent.session_id
    where
        session_events.event_time >= $as_of::timestamp - to_minutes($minutes)
        and session_events.event_time <= $as_of::timestamp
    group by 1
)

select
    buckets_listed.bucket_start,
    coalesce(events_counted.user_count, 0) as user_count,
    coalesce(events_counted.event_count, 0) as event_count
from buckets_listed
left join events_counted on buckets_listed.bucket_start = events_counted.bucket_start
order by buckets_listed.bucket_start
