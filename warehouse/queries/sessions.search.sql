-- Sessions that the filters take and the text is found in, one page of them in the chosen order.
-- The page is found by few columns; only its sessions are then read whole.
-- grain: one session
with

-- $sort_key is bound like any value: the columns that it does not name are not read, and one of
-- the two keys is null for everybody.
keyed_sessions as (
    select
        session_id,
        start_date,
        start_time,
        case $sort_key
            when 'start_time' then epoch_us(start_time)::double
            when 'end_time' then epoch_us(end_time)::double
            when 'duration_seconds' then duration_seconds
            when 'engaged_seconds' then engaged_seconds
            when 'event_count' then event_count::double
            when 'action_count' then action_count::double
            when 'page_view_count' then page_view_count::double
            when 'distinct_page_count' then distinct_page_count::double
            when 'query_count' then query_count::double
            when 'error_count' then error_count::double
            when 'workflow_count' then workflow_count::double
            when 'chat_count' then chat_count::double
            when 'session_number' then session_number::double
            when 'pattern_confidence' then pattern_confidence::double
        end as number_key,
        case $sort_key
            when 'session_id' then session_id
            when 'user_id' then user_id
            when 'device_type' then device_type
            when 'browser' then browser
            when 'os' then os
            when 'entry_page' then entry_page
            when 'exit_page' then exit_page
            when 'entry_source' then entry_source
            when 'campaign' then campaign
            when 'last_action' then last_action
            when 'exit_reason' then exit_reason
            when 'session_type' then session_type
            when 'experiment_id' then experiment_id
            when 'model_group' then model_group
            when 'pattern' then pattern
        end as text_key
    from found_sessions
),

sessions_chosen as (
    select
        session_id,
        start_date,
        row_number() over () as place
    from (
        select *
        from keyed_sessions
        order by
            $by_keys,
            start_time desc,
            session_id asc
        limit $row_limit offset $row_offset
    )
)

select user_sessions.*
from user_sessions
inner join sessions_chosen
    on
        sessions_chosen.session_id = user_sessions.session_id
        and sessions_chosen.start_date = user_sessions.start_date
order by sessions_chosen.place
