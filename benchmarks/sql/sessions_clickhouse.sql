-- Sessions of the lake's events, as somebody who knows ClickHouse would write them: an array of
-- each user's events, sorted, split, and a row for each part. Windows took twice the time.
-- grain: one row per session_id
insert into function file('{target}', Parquet)
with

events as (
    select
        assumeNotNull(source) as source,
        assumeNotNull(stream) as stream,
        assumeNotNull(event_id) as event_id,
        assumeNotNull(user_id) as user_id,
        toUnixTimestamp64Micro(assumeNotNull(event_time)) as event_us,
        assumeNotNull(event_type) as event_type,
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
        ifNull(user_id != anonymous_id, true) as is_known,
        multiIf(
            event_type = 'session_start', 0, event_type in ('logout', 'session_end'), 2, 1
        )::UInt8 as order_rank
    from file('{events}/*/*/*.parquet', Parquet)
    where stream = 'inactivity'
),

timelines as (
    select
        user_id,
        stream,
        arraySort(
            event -> (event.1, event.2, event.3),
            groupArray((
                event_us, order_rank, event_id, event_type, source, page, referrer, campaign,
                device_type, browser, os, chat_id, model_group, page_host, session_type,
                experiment_id, is_known
            ))
        ) as events
    from events
    group by user_id, stream
),

sessions_cut as (
    select
        user_id,
        stream,
        arrayJoin(arraySplit(
            (event, before) -> event.1 - before.1 > 1800000000 or before.4 = 'logout',
            events,
            arrayPushFront(arrayPopBack(events), events[1])
        )) as session,
        session.1 as times,
        session.4 as types,
        session.6 as pages,
        arrayFirstIndex(page -> page is not null, pages) as entry
    from timelines
),

summed_up as (
    select
        user_id,
        stream,
        arrayExists(is_known -> is_known, session.17) as has_known_user,
        arrayExists(value -> value = 'bot', session.9) as is_bot,
        countEqual(types, 'workflow_start')::Int64 as workflow_count,
        arrayFirstOrNull(value -> value is not null, session.15) as session_type,
        arrayFirstOrNull(value -> value is not null, session.16) as experiment_id,
        ifNull(if(entry > 0, session[entry].14, null), '') as host,
        times[1] as start_us,
        times[-1] as end_us,
        arraySum(gap -> least(gap, 30000000), arrayPopFront(arrayDifference(times)))::Int64
            as engaged_us,
        length(session)::Int64 as event_count,
        arrayCount(type -> type not in ({passive}), types)::Int64 as action_count,
        countEqual(types, 'page_view')::Int64 as page_view_count,
        arrayUniq(arrayFilter(
            (page, type) -> type = 'page_view' and page is not null, pages, types
        ))::Int64 as distinct_page_count,
        arrayCount(type -> type in ('prompt', 'query', 'search'), types)::Int64 as query_count,
        countEqual(types, 'error')::Int64 as error_count,
        arrayUniq(arrayFilter(chat -> chat is not null, session.12))::Int64 as chat_count,
        session[1].5 as first_source,
        session[1].3 as first_event_id,
        arrayFirstOrNull(value -> value is not null, session.9) as device_type,
        arrayFirstOrNull(value -> value is not null, session.10) as browser,
        arrayFirstOrNull(value -> value is not null, session.11) as os,
        arrayFirstOrNull(value -> value is not null, session.8) as campaign,
        arrayFirstOrNull(value -> value is not null, session.13) as model_group,
        if(entry > 0, pages[entry], null) as entry_page,
        arrayLastOrNull(page -> page is not null, pages) as exit_page,
        session[greatest(1, entry)].7 as referrer,
        arrayLastOrNull(type -> type not in ({passive}), types) as last_action
    from sessions_cut
)

select
    concat(
        leftPad(lower(hex(start_us)), 15, '0'),
        '-',
        left(lower(hex(MD5(concat(first_source, char(31), first_event_id)))), 16)
    ) as session_id,
    stream,
    user_id,
    has_known_user,
    fromUnixTimestamp64Micro(start_us, 'UTC') as start_time,
    fromUnixTimestamp64Micro(end_us, 'UTC') as end_time,
    (end_us - start_us) / 1000000 as duration_seconds,
    engaged_us / 1000000 as engaged_seconds,
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
    multiIf(
        ifNull(referrer, '') = '', 'direct',
        lower(extract(ifNull(referrer, ''), '^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)')) in ('', host),
        'internal',
        'external'
    ) as entry_source,
    referrer,
    last_action,
    is_bot
from summed_up
-- Bytes of files that are mapped into memory would not be counted as read.
settings
    max_threads = 2,
    storage_file_read_method = 'pread',
    output_format_parquet_compression_method = 'snappy'
