-- Gives every mapped row its types and, where it cannot be an event, the reason.
-- grain: one row per row read
with

-- The anonymous id stands in where no known id came. What a tracker calls one session is one
-- visitor's, even if it does not say whose: the session's own id then is the anonymous id.
visitors_named as (
    select
        *,
        coalesce(
            meaningful(anonymous_id),
            case
                when $stream = 'tracker' and meaningful(user_id) is null
                    then 'session:' || meaningful(tracker_session_id)
            end
        ) as visitor_id
    from mapped_rows
),

identified as (
    select
        * exclude (user_id, anonymous_id, visitor_id),
        coalesce(meaningful(user_id), visitor_id) as user_id,
        visitor_id as anonymous_id,
        readable_time(trim(time)) as event_time,
        url_parts(trim(url)) as url_parts
    from visitors_named
),

final as (
    select
        identified.line,
        identified.prefix || nullif(trim(identified.event_id), '') as given_id,
        identified.user_id,
        identified.anonymous_id,
        identified.event_time,
        coalesce(event_types.event_type, 'unnamed') as event_type,
        path_in(url_parts) as page,
        coalesce(host_in(url_parts), nullif(lower(trim(page_host)), '')) as page_host,
        nullif(trim(identified.referrer), '') as referrer,
        coalesce(nullif(trim(identified.campaign), ''), campaign_of(identified.url)) as campaign,
        coalesce(agents.device_type, device_class(nullif(trim(device), ''))) as device_type,
        coalesce(nullif(trim(identified.browser), ''), agents.browser) as browser,
        coalesce(nullif(trim(identified.os), ''), agents.os) as os,
        nullif(trim(tracker_session_id), '') as tracker_session_id,
        nullif(trim(chat_id), '') as chat_id,
        nullif(trim(session_type), '') as session_type,
        nullif(trim(experiment_id), '') as experiment_id,
        nullif(trim(model_group), '') as model_group,
        nullif(trim(query_type), '') as query_type,
        word_list(tags) as tags,
        word_list(assets) as assets,
        nullif(nullif(properties::varchar, '{}'), 'null') as properties,
        case
            when identified.user_id is null then 'no user'
            when list_contains($exclude_users, identified.user_id)
                then 'user left out by exclude_users'
            when event_time is null then 'no readable time'
            when event_time < timestamp '1970-01-01' then 'time before 1970'
            when event_time > $now::timestamp + interval 24 hour then 'time over 24 h ahead'
        end as reason,
        -- Only of rejected rows is the record still needed.
        case when reason is not null then identified.record end as record
    from identified
    left join event_types on event_types.word = identified.type
    left join agents on agents.user_agent = identified.user_agent
)

select * from final
