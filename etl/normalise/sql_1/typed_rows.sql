-- As of rules 1 (etl/lake/rules.py): what is mended elsewhere stays here as it was.
-- Gives every mapped row its types and, where it cannot be an event, the reason.
-- grain: one row per row read
with

-- The anonymous id stands in where no known id came. What a tracker calls one session is one
-- visitor's, even if it does not say whose: the session's own id then is the anonymous id.
users_read as (
    select
        *,
        filled(user_id) as given_user_id,
        filled(anonymous_id) as given_anonymous_id,
        readable_time(time) as event_time,
        starts_with(url, 'https://') or starts_with(url, 'http://') as has_web_address,
        case
            when contains(url, '?') or contains(url, '#')
                then split_part(split_part(url, '?', 1), '#', 1)
            else url
        end as address
    from mapped_rows
),

-- Nearly all addresses can be cut at their slashes; a pattern, which is slower, reads the rest.
addresses_cut as (
    select
        *,
        case when has_web_address then split_part(address, '/', 3) end as host,
        case when not has_web_address then url_parts(trim(url)) end as parts
    from users_read
),

pages_read as (
    select
        * exclude (
            address, has_web_address, host, parts, user_id, anonymous_id,
            given_user_id, given_anonymous_id
        ),
        meaningful(given_user_id) as known_id,
        meaningful(given_anonymous_id) as anonymous_id,
        case when has_web_address then lower(host) else host_in(parts) end as url_host,
        case
            when has_web_address
                then coalesce(
                    nullif(substr(address, instr(address, '://') + 3 + length(host)), ''), '/'
                )
            else path_in(parts)
        end as path
    from addresses_cut
),

visitors_named as (
    select
        * exclude (anonymous_id),
        coalesce(
            anonymous_id,
            case
                when $stream = 'tracker' and known_id is null
                    then 'session:' || meaningful(filled(tracker_session_id))
            end
        ) as anonymous_id
    from pages_read
),

identified as (
    select
        * exclude (known_id),
        coalesce(known_id, anonymous_id) as user_id
    from visitors_named
),

judged as (
    select
        *,
        case
            when user_id is null then 'no user'
            when list_contains($exclude_users, user_id) then 'user left out by exclude_users'
            when event_time is null then 'no readable time'
            when event_time < timestamp '1970-01-01' then 'time before 1970'
            when event_time < $pruned::timestamp then 'before the pruned horizon'
            when event_time > $now::timestamp + interval 24 hour then 'time over 24 h ahead'
        end as reason
    from identified
),

final as (
    select
        judged.line,
        judged.id_prefix || filled(judged.event_id) as given_id,
        judged.user_id,
        judged.anonymous_id,
        judged.event_time,
        coalesce(
            event_types.event_type,
            case when judged.type is not null then type_name(judged.type) end,
            'unnamed'
        ) as event_type,
        case when ends_with(judged.path, ' ') then rtrim(judged.path) else judged.path end as page,
        coalesce(
            nullif(judged.url_host, ''), lower(filled(judged.page_host))
        ) as page_host,
        filled(judged.referrer) as referrer,
        coalesce(filled(judged.campaign), campaign_of(judged.url)) as campaign,
        device_class(filled(judged.device)) as device_type,
        filled(judged.browser) as browser,
        filled(judged.os) as os,
        filled(judged.tracker_session_id) as tracker_session_id,
        filled(judged.chat_id) as chat_id,
        filled(judged.session_type) as session_type,
        filled(judged.experiment_id) as experiment_id,
        filled(judged.model_group) as model_group,
        filled(judged.query_type) as query_type,
        word_list(judged.tags) as tags,
        word_list(judged.assets) as assets,
        case
            when judged.properties::varchar <> '{}' and judged.properties::varchar <> 'null'
                then judged.properties::varchar
        end as properties,
        judged.reason,
        -- Only of rejected rows is the record still needed.
        case when judged.reason is not null then judged.record::varchar end as record,
        judged.is_irregular,
        judged.is_deep,
        judged.user_agent
    from judged
    left join event_types on event_types.word = judged.type
)

select * from final
