-- Sums up each session's events: its bounds, counts, and what its first and last ones say.
-- scope: session
-- grain: one row per timeline and session_index
with

-- A session is entered by its first event that has a page; by its first event where none has.
-- What that event does not say is unknown: a later referrer is not how the session began.
summed_up as (
    select
        timeline,
        session_index,
        any_value(case when is_session_start then source || chr(31) || event_id end)
            as first_event,
        any_value(case when is_session_start then stream end) as stream,
        any_value(case when is_session_start then user_id end) as user_id,
        any_value(case when is_session_start then is_view end) as starts_with_view,
        any_value(case when tracker_key is not null then tracker_session_id end)
            as given_session_id,
        min(source) as first_source,
        max(source) as last_source,
        min(position) as first_position,
        min(event_time) as start_time,
        max(event_time) as end_time,
        sum(engaged_us)::bigint as engaged_us,
        count(*) as event_count,
        count(*) filter (is_action) as action_count,
        count(*) filter (is_view) as page_view_count,
        coalesce(list_unique(list(coalesce(raw_page, page)) filter (is_view)), 0)::bigint
            as distinct_page_count,
        count(*) filter (is_query) as query_count,
        count(*) filter (is_error) as error_count,
        count(*) filter (is_workflow_start) as workflow_count,
        count(*) filter (is_workflow_complete) as completed_workflow_count,
        coalesce(list_unique(list(chat_id) filter (chat_id is not null)), 0)::bigint as chat_count,
        min(types.type_number) as lowest_type,
        max(types.type_number) as highest_type,
        sum(types.type_number)::bigint as types_added,
        sum(types.type_number * types.type_number)::bigint as type_squares_added,
        arg_min(device_type, position) as device_type,
        arg_min(browser, position) as browser,
        arg_min(os, position) as os,
        coalesce(bool_or(device_type = 'bot'), false) as is_bot,
        bool_or(coalesce(user_id <> anonymous_id, true)) as has_known_user,
        arg_min(page, position) as entry_page,
        arg_max(page, position) as exit_page,
        coalesce(
            arg_min(coalesce(referrer, ''), position) filter (page is not null),
            arg_min(coalesce(referrer, ''), position)
        ) as entry_referrer,
        coalesce(
            arg_min(coalesce(page_host, ''), position) filter (page is not null), ''
        ) as entry_host,
        arg_min(campaign, position) as campaign,
        arg_max(types.type_number, position) filter (is_action) as last_action_number,
        arg_max(types.type_number, position) as last_type_number,
        arg_min(session_type, position) as session_type,
        arg_min(experiment_id, position) as experiment_id,
        arg_min(model_group, position) as model_group,
        -- In no order, as events come to be summed up: each with its place in front.
        list(struct_pack(place := position, page := page))
            filter (is_view and page is not null) as pages_seen,
        list(position * 1000000 + types.type_number) as types_seen
    from int_sessionised_events as events
    inner join int_event_types as types on types.event_type = events.event_type
    group by timeline, session_index
),

-- A referrer is an address: one with its host, a path, or the host alone. All else are words that
-- trackers write for none, or that name no address: (direct), $direct, null, n/a, google / cpc.
-- Engines differ in what (?i) and $ take for equal and for the end: letters and \z say it.
referrers_read as (
    select
        summed_up.* exclude (entry_referrer),
        regexp_extract(
            trim(entry_referrer),
            '(?s)^(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//.*|[.]{0,2}/.*|[?#].+'
            '|(?:[\pL\pM\pN_-]+(?:[.][\pL\pM\pN_-]+)+[.]?(?::[0-9]+)?'
            '|[\pL\pM\pN_-]+:[0-9]+|[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]'
            '|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?)(?:[/?#].*)?)\z',
            0
        ) as entry_referrer
    from summed_up
),

-- The way through the session in its order. Numbers stand for the types until then.
ways_laid_out as (
    select
        referrers_read.* exclude (pages_seen, types_seen),
        list_transform(list_sort(pages_seen), lambda seen: seen.page) as pages,
        list_transform(list_sort(types_seen), lambda seen: (seen % 1000000)::integer) as types
    from referrers_read
),

-- Each page and type beside the one before it: those that are the same are repeats.
steps_paired as (
    select
        ways_laid_out.* exclude (pages, types),
        list_zip(pages, list_prepend(null, pages), true) as page_steps,
        list_zip(types, list_prepend(null, types), true) as type_steps
    from ways_laid_out
),

-- In the order of their numbers, which is that of the names.
type_names as (
    select list_sort(list(event_type)) as names
    from int_event_types
),

-- Named after its first event. The time comes first, so that names sort like the sessions.
final as (
    select
        lower(lpad(to_hex(epoch_us(start_time)), 15, '0'))
        || '-'
        || left(md5(first_event), 16) as session_id,
        sessions.* exclude (
            page_steps, type_steps, first_event, lowest_type, highest_type, types_added,
            type_squares_added, last_action_number, last_type_number
        ),
        last_actions.event_type as last_action,
        last_types.is_end as has_ended,
        last_types.is_error as ends_on_error,
        last_types.is_leave as ends_on_leave,
        last_types.event_type as last_event_type,
        coalesce(
            list_transform(
                list_filter(page_steps, lambda step: step[1] is distinct from step[2]),
                lambda step: step[1]
            ),
            []
        ) as page_path,
        list_transform(
            list_filter(type_steps, lambda step: step[1] is distinct from step[2]),
            lambda step: names[step[1]]
        ) as event_path,
        -- Some event's type lies between the lowest and the highest: the sum of
        -- (type - lowest) * (highest - type) over the events, multiplied out.
        (lowest_type + highest_type) * types_added
        - type_squares_added
        - event_count * lowest_type * highest_type > 0 as has_three_event_types,
        (epoch_us(end_time) - epoch_us(start_time)) / 1e6 as duration_seconds,
        -- A name such as index.html is a page beside the entry's, not a host. Engines differ in
        -- what these two letters are in lower case.
        lower(translate(
            regexp_extract(
                regexp_replace(
                    entry_referrer,
                    '(?s)^[^/:?#]+[.]'
                    '([Hh][Tt][Mm][Ll]?|[Pp][Hh][Pp]|[Aa][Ss][Pp][Xx]?|[Jj][Ss][Pp])'
                    '([?#].*)?\z',
                    ''
                ),
                '^(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//)?([^/?#.][^/?#]*)',
                1
            ),
            'İΣ', 'iσ'
        )) as entry_referrer_host
    from steps_paired as sessions
    cross join type_names
    left join int_event_types as last_types
        on last_types.type_number = sessions.last_type_number
    left join int_event_types as last_actions
        on last_actions.type_number = sessions.last_action_number
)

select * from final
