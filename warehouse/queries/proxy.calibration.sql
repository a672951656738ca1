-- How well sessions of the application's tables match the tracked ones of the same users, all
-- activities together first, then those that find most.
-- grain: activity
with

matched as (
    select
        proxies.activity,
        tracked.session_id,
        tracked.place,
        count(*) as proxy_count,
        sum(greatest(
            0,
            epoch_us(least(tracked.end_time, proxies.end_time))
            - epoch_us(greatest(tracked.start_time, proxies.start_time))
        )) as covered_us
    from tracked_sessions as tracked
    inner join proxy_sessions as proxies
        on
            tracked.user_id = proxies.user_id
            -- What lies no further apart than the timeout would be one session.
            and epoch_us(proxies.start_time) - epoch_us(tracked.end_time) <= $timeout_us
            and epoch_us(tracked.start_time) - epoch_us(proxies.end_time) <= $timeout_us
    group by proxies.activity, tracked.session_id, tracked.place
),

found as (
    select
        activity,
        count(*) as found_count,
        count(*) filter (proxy_count > 1) as split_count,
        sum(covered_us) as covered_us
    from matched
    group by activity
),

totals as (
    select
        count(*) as tracked_count,
        sum(epoch_us(end_time) - epoch_us(start_time)) as tracked_us
    from tracked_sessions
)

select
    activities.activity,
    totals.tracked_count,
    coalesce(found.found_count, 0) as found_count,
    coalesce(found.split_count, 0) as split_count,
    1 - coalesce(found.covered_us, 0) / nullif(totals.tracked_us, 0) as missed_seconds_share
from (select distinct activity from proxy_rows) as activities
cross join totals
left join found on activities.activity = found.activity
order by
    activities.activity = $all_activities desc,
    found_count desc,
    activities.activity
