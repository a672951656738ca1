-- Sessions that a timeout longer than the build's joins with others: each is a piece of a longer
-- one. A timeout can only undo cuts that silence made, and only those in its reach.
-- grain: one session
with

in_reach as (
    select *
    from session_line
    where least(silence_us, next_silence_us) <= list_max($timeouts_us::bigint[])
),

typed as (
    select
        in_reach.*,
        $first_type as first_type,
        $last_type as last_type
    from in_reach
    inner join user_sessions as sessions on sessions.session_id = in_reach.session_id
),

paired as (
    select
        *,
        coalesce(silence_us <= list_max($timeouts_us::bigint[]), false)
        and not coalesce(list_contains($ends::varchar[], lag(last_type) over timeline), false)
        and not coalesce(list_contains($starts::varchar[], first_type), false) as is_joined
    from typed
    window timeline as (partition by user_number, is_tracked order by place)
),

beside as (
    select
        *,
        coalesce(lead(is_joined) over (partition by user_number, is_tracked order by place), false)
            as is_next_joined
    from paired
)

select
    sessions.session_id,
    beside.user_number as timeline,
    beside.is_tracked,
    beside.place,
    case when beside.is_joined then beside.silence_us end as silence_us,
    sessions.user_id,
    sessions.stream,
    sessions.start_time,
    sessions.end_time,
    sessions.start_date,
    (sessions.engaged_seconds * 1e6)::bigint as engaged_us,
    sessions.event_count,
    sessions.action_count,
    sessions.page_view_count,
    sessions.query_count,
    sessions.error_count,
    sessions.sources,
    sessions.device_type,
    sessions.browser,
    sessions.os,
    sessions.entry_page,
    sessions.entry_source,
    sessions.referrer_host,
    sessions.campaign,
    sessions.exit_page,
    sessions.session_type,
    sessions.tags,
    sessions.assets,
    sessions.query_types,
    sessions.experiment_id,
    sessions.model_group,
    sessions.is_new_user,
    sessions.is_bot,
    beside.last_type
from beside
inner join user_sessions as sessions on sessions.session_id = beside.session_id
where beside.is_joined or beside.is_next_joined
