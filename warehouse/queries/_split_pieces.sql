-- Pieces that a timeout shorter than the build's cuts sessions into: only those with such a gap are
-- read event by event. What events do not tell by themselves (origin, lists of properties) is null.
-- grain: one piece of a session that is cut
with

cut_sessions as (
    select
        sessions.session_id,
        sessions.user_id,
        sessions.stream,
        sessions.is_new_user
    from user_sessions as sessions
    where
        sessions.given_session_id is null
        and sessions.session_id in (
            select events.session_id
            from session_events as events
            where events.gap_seconds > list_min($timeouts_us::bigint[]) / 1e6
        )
),

events_read as (
    select
        events.session_id,
        sessions.user_id,
        sessions.stream,
        sessions.is_new_user,
        events.event_number,
        events.event_time,
        events.event_date,
        events.event_type,
        events.page,
        events.source,
        events.campaign,
        events.device_type,
        events.browser,
        events.os,
        events.session_type,
        events.experiment_id,
        events.model_group,
        events.is_action,
        events.is_query,
        events.is_error,
        round(events.gap_seconds * 1000000)::bigint as gap_us,
        lag(events.event_type) over session as type_before
    from session_events as events
    inner join cut_sessions as sessions on sessions.session_id = events.session_id
    window session as (partition by events.session_id order by events.event_number)
),

numbered as (
    select
        *,
        coalesce(gap_us > list_min($timeouts_us::bigint[]), true) as is_cut,
        sum(coalesce(gap_us > list_min($timeouts_us::bigint[]), true)::int) over (
            partition by session_id order by event_number rows unbounded preceding
        ) as place,
        case
            when not coalesce(list_contains($idle_events::varchar[], type_before), false)
                then least(gap_us, $idle_timeout_us)
        end as engaged_us
    from events_read
)

select
    session_id,
    session_id as timeline,
    false as is_tracked,
    place,
    any_value(gap_us) filter (is_cut) as silence_us,
    any_value(user_id) as user_id,
    any_value(stream) as stream,
    min(event_time) as start_time,
    max(event_time) as end_time,
    min(event_date) as start_date,
    coalesce(sum(engaged_us) filter (not is_cut), 0)::bigint as engaged_us,
    count(*) as event_count,
    count(*) filter (is_action) as action_count,
    count(*) filter (event_type = 'page_view') as page_view_count,
    count(*) filter (is_query) as query_count,
    count(*) filter (is_error) as error_count,
    list_sort(list(distinct source)) as sources,
    arg_min(device_type, event_number) as device_type,
    arg_min(browser, event_number) as browser,
    arg_min(os, event_number) as os,
    arg_min(page, event_number) as entry_page,
    null::varchar as entry_source,
    null::varchar as referrer_host,
    arg_min(campaign, event_number) as campaign,
    arg_max(page, event_number) as exit_page,
    arg_min(session_type, event_number) as session_type,
    []::varchar[] as tags,
    []::varchar[] as assets,
    []::varchar[] as query_types,
    arg_min(experiment_id, event_number) as experiment_id,
    arg_min(model_group, event_number) as model_group,
    bool_or(is_new_user) and place = 1 as is_new_user,
    coalesce(bool_or(device_type = 'bot'), false) as is_bot,
    arg_max(event_type, event_number) as last_type
from numbered
group by session_id, place
