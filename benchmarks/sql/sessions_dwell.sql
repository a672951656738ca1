-- The columns that the peers write, out of what Dwell's models say of sessions.
-- grain: one row per session_id
select
    session_id,
    stream,
    user_id,
    has_known_user,
    start_time,
    end_time,
    duration_seconds,
    engaged_us / 1000000.0 as engaged_seconds,
    event_count,
    action_count,
    page_view_count,
    distinct_page_count,
    query_count,
    error_count,
    workflow_count,
    chat_count,
    device_type,
    browser,
    os,
    campaign,
    session_type,
    experiment_id,
    model_group,
    entry_page,
    exit_page,
    case
        when entry_referrer = '' then 'direct'
        when entry_referrer_host in ('', entry_host) then 'internal'
        else 'external'
    end as entry_source,
    nullif(entry_referrer, '') as referrer,
    last_action,
    is_bot
from int_session_totals
