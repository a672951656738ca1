-- Sessions of the lake's events, as somebody who knows DuckDB would write them.
-- `timeline` below is named by the one who runs this: windows_numbered, what most people write,
-- or sort_numbered, which sorts once and leaves the windows nothing to sort.
-- grain: one row per session_id
copy (
    with

    events as (
        select
            source,
            stream,
            event_id,
            user_id,
            anonymous_id,
            event_time,
            event_type,
            page,
            page_host,
            referrer,
            campaign,
            device_type,
            browser,
            os,
            chat_id,
            session_type,
            experiment_id,
            model_group,
            case
                when event_type = 'session_start' then 0
                when event_type in ('logout', 'session_end') then 2
                else 1
            end as order_rank,
            event_type not in ({passive}) as is_action
        from read_parquet('{events}/*/*/*.parquet', hive_partitioning = false)
        where stream = 'inactivity'
    ),

    windows_flagged as (
        select
            *,
            epoch_us(event_time) - epoch_us(lag(event_time) over timeline) as silence_us,
            row_number() over timeline as place,
            coalesce(
                silence_us > 1800000000 or lag(event_type) over timeline = 'logout', true
            ) as is_start
        from events
        window timeline as (partition by user_id order by event_time, order_rank, event_id)
    ),

    windows_numbered as (
        select
            *,
            count(*) filter (is_start) over (
                partition by user_id order by place rows unbounded preceding
            ) as session_number
        from windows_flagged
    ),

    sorted as (
        select *
        from events
        order by user_id, event_time, order_rank, event_id
    ),

    sort_flagged as (
        select
            *,
            epoch_us(event_time) - epoch_us(lag(event_time) over ()) as silence_us,
            row_number() over () as place,
            coalesce(
                lag(user_id) over () != user_id
                or silence_us > 1800000000
                or lag(event_type) over () = 'logout',
                true
            ) as is_start
        from sorted
    ),

    sort_numbered as (
        select
            *,
            count(*) filter (is_start) over (rows unbounded preceding) as session_number
        from sort_flagged
    ),

    -- Lists of a session's values, counted without doubles, cost less than count(distinct).
    summed_up as (
        select
            user_id,
            any_value(stream) as stream,
            bool_or(coalesce(user_id != anonymous_id, true)) as has_known_user,
            min(event_time) as start_time,
            max(event_time) as end_time,
            coalesce(sum(least(silence_us, 30000000)) filter (not is_start), 0)::bigint
                as engaged_us,
            count(*) as event_count,
            count(*) filter (is_action) as action_count,
            count(*) filter (event_type = 'page_view') as page_view_count,
            coalesce(list_unique(list(page) filter (event_type = 'page_view')), 0)::bigint
                as distinct_page_count,
            count(*) filter (event_type in ('prompt', 'query', 'search')) as query_count,
            count(*) filter (event_type = 'error') as error_count,
            count(*) filter (event_type = 'workflow_start') as workflow_count,
            coalesce(list_unique(list(chat_id) filter (chat_id is not null)), 0)::bigint
                as chat_count,
            arg_min(source, place) as first_source,
            arg_min(event_id, place) as first_event_id,
            arg_min(device_type, place) as device_type,
            arg_min(browser, place) as browser,
            arg_min(os, place) as os,
            arg_min(campaign, place) as campaign,
            arg_min(session_type, place) as session_type,
            arg_min(experiment_id, place) as experiment_id,
            arg_min(model_group, place) as model_group,
            coalesce(bool_or(device_type = 'bot'), false) as is_bot,
            arg_min(page, place) as entry_page,
            arg_max(page, place) as exit_page,
            nullif(
                coalesce(
                    arg_min(coalesce(referrer, ''), place) filter (page is not null),
                    arg_min(coalesce(referrer, ''), place)
                ),
                ''
            ) as referrer,
            coalesce(
                arg_min(coalesce(page_host, ''), place) filter (page is not null), ''
            ) as host,
            arg_max(event_type, place) filter (is_action) as last_action
        from {timeline}
        group by user_id, session_number
    )

    select
        format('{{:015x}}', epoch_us(start_time)) || '-'
        || left(md5(first_source || chr(31) || first_event_id), 16) as session_id,
        user_id,
        start_time,
        end_time,
        (epoch_us(end_time) - epoch_us(start_time)) / 1000000.0 as duration_seconds,
        engaged_us / 1000000.0 as engaged_seconds,
        case
            when referrer is null then 'direct'
            when
                lower(regexp_extract(referrer, '^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)', 1))
                in ('', host)
                then 'internal'
            else 'external'
        end as entry_source,
        * exclude (
            user_id, start_time, end_time, engaged_us, first_source, first_event_id, host
        )
    from summed_up
) to '{target}' (format parquet, compression snappy)
