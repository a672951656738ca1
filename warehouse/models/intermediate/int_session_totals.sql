-- Sums up each session's events: its bounds, counts, and what its first and last ones say.
-- grain: one row per session_id
with

-- A session is entered by its first event that has a page; by its first event where none has.
-- What that event does not say is unknown: a later referrer is not how the session began.
summed_up as (
    select
        session_id,
        any_value(stream) as stream,
        any_value(user_id) as user_id,
        list_sort(list_distinct(list(source))) as sources,
        min(event_time) as start_time,
        max(event_time) as end_time,
        sum(engaged_us)::bigint as engaged_us,
        count(*) as event_count,
        count(*) filter (is_action) as action_count,
        count(*) filter (event_type = 'page_view') as page_view_count,
        count(distinct coalesce(raw_page, page)) filter (event_type = 'page_view')
            as distinct_page_count,
        count(*) filter (is_query) as query_count,
        count(*) filter (is_error) as error_count,
        count(*) filter (event_type = 'workflow_start') as workflow_count,
        count(*) filter (event_type = 'workflow_complete') as completed_workflow_count,
        count(distinct chat_id) as chat_count,
        count(distinct event_type) as event_type_count,
        arg_min(device_type, event_number) as device_type,
        arg_min(browser, event_number) as browser,
        arg_min(os, event_number) as os,
        coalesce(bool_or(device_type = 'bot'), false) as is_bot,
        arg_min(page, event_number) as entry_page,
        arg_max(page, event_number) as exit_page,
        coalesce(
            arg_min(coalesce(referrer, ''), event_number) filter (page is not null),
            arg_min(coalesce(referrer, ''), event_number)
        ) as entry_referrer,
        coalesce(
            arg_min(coalesce(page_host, ''), event_number) filter (page is not null), ''
        ) as entry_host,
        arg_min(campaign, event_number) as campaign,
        arg_max(event_type, event_number) filter (is_action) as last_action,
        arg_max(is_end, event_number) as has_ended,
        arg_max(is_error, event_number) as ends_on_error,
        arg_max(is_leave, event_number) as ends_on_leave,
        arg_max(event_type, event_number) as last_event_type,
        arg_max(
            coalesce(properties ->> '$.exit_reason', properties ->> '$.reason', ''),
            event_number
        ) filter (event_type = 'session_end') as told_reason,
        arg_min(session_type, event_number) as session_type,
        arg_min(experiment_id, event_number) as experiment_id,
        arg_min(model_group, event_number) as model_group,
        list_sort(list_distinct(flatten(list(tags) filter (tags is not null)))) as tags,
        list_sort(list_distinct(flatten(list(assets) filter (assets is not null)))) as assets
    from int_sessionised_events
    group by session_id
),

final as (
    select
        *,
        (epoch_us(end_time) - epoch_us(start_time)) / 1000000.0 as duration_seconds,
        lower(regexp_extract(entry_referrer, '^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)', 1))
            as entry_referrer_host
    from summed_up
)

select * from final
