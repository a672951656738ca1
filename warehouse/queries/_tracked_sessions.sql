-- Closed sessions of the filters as the trackers alone tell them, of users whom the application's
-- tables know, from the first of their rows to the last. A session without such rows is one as it
-- is. In the others the tracked events are cut anew: a row may have bridged a silence of theirs.
-- grain: one session of tracked events
with

proxies as (
    select distinct source
    from load_runs
    where format = 'tables'
),

span as (
    select
        min(event_time) as first_time,
        max(event_time) as last_time
    from proxy_rows
),

chosen as (
    select
        session_id,
        user_id,
        start_date,
        start_time,
        end_time,
        given_session_id is not null as is_given,
        list_has_any(sources, (select list(source) from proxies)) as has_rows
    from filtered_sessions
    where
        not is_open
        and user_id in (select user_id from proxy_rows)
),

marked as (
    select
        chosen.session_id,
        events.event_time,
        (
            not chosen.is_given
            and epoch_us(events.event_time) - epoch_us(lag(events.event_time) over timeline)
            > $timeout_us
        )::int as is_cut
    from session_events as events
    inner join chosen on events.session_id = chosen.session_id
    where
        chosen.has_rows
        and events.source not in (select source from proxies)
    window timeline as (partition by chosen.session_id order by events.event_time)
),

numbered as (
    select
        session_id,
        event_time,
        coalesce(sum(is_cut) over timeline, 0) as place
    from marked
    window timeline as (
        partition by session_id order by event_time
        rows between unbounded preceding and current row
    )
),

cut as (
    select
        session_id,
        place,
        min(event_time) as start_time,
        max(event_time) as end_time
    from numbered
    group by session_id, place
),

tracked as (
    select
        session_id,
        0 as place,
        user_id,
        start_date,
        start_time,
        end_time
    from chosen
    where not has_rows
    union all
    select
        cut.session_id,
        cut.place,
        chosen.user_id,
        chosen.start_date,
        cut.start_time,
        cut.end_time
    from cut
    inner join chosen on cut.session_id = chosen.session_id
)

select tracked.*
from tracked
cross join span
where
    -- As far as a row could find one.
    epoch_us(span.first_time) - epoch_us(tracked.end_time) <= $timeout_us
    and epoch_us(tracked.start_time) - epoch_us(span.last_time) <= $timeout_us
