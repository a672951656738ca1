-- Sessions that a timeout longer than the build's joins with others: each is a piece of a longer
-- one. A timeout can only undo cuts that silence made.
-- grain: one session
with

paired as (
    select
        *,
        coalesce(silence_us <= list_max($timeouts_us::bigint[]) and not is_forced, false)
            as is_joined
    from session_line
),

beside as (
    select
        *,
        coalesce(lead(is_joined) over (partition by $user_number, stream order by place), false)
            as is_next_joined
    from paired
)

select
    session_id,
    user_id || chr(31) || stream as timeline,
    place,
    case when is_joined then silence_us end as silence_us,
    user_id,
    stream,
    start_time,
    end_time,
    start_date,
    (engaged_seconds * 1e6)::bigint as engaged_us,
    event_count,
    action_count,
    page_view_count,
    query_count,
    error_count,
    sources,
    device_type,
    browser,
    os,
    entry_page,
    entry_source,
    referrer_host,
    campaign,
    exit_page,
    session_type,
    tags,
    assets,
    query_types,
    experiment_id,
    model_group,
    is_new_user,
    is_bot,
    last_type
from beside
where is_joined or is_next_joined
