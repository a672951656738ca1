-- Sessions as the application's tables alone tell them, cut where a user was silent for longer than
-- the timeout. A logout is not in the tables.
-- grain: user, activity and session
with

marked as (
    select
        user_id,
        activity,
        event_time,
        (
            epoch_us(event_time) - epoch_us(lag(event_time) over timeline) > $timeout_us
        )::int as is_cut
    from proxy_rows
    window timeline as (partition by user_id, activity order by event_time)
),

numbered as (
    select
        user_id,
        activity,
        event_time,
        coalesce(sum(is_cut) over timeline, 0) as place
    from marked
    window timeline as (
        partition by user_id, activity order by event_time
        rows between unbounded preceding and current row
    )
)

select
    user_id,
    activity,
    place,
    min(event_time) as start_time,
    max(event_time) as end_time
from numbered
group by user_id, activity, place
