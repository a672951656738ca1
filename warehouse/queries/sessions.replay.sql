-- What a replay of a session needs of each event: when, what, where. No text that somebody typed.
-- grain: one event
select
    event_number,
    (seconds_since_start * 1000)::bigint as milliseconds,
    event_type,
    page,
    source,
    is_action,
    is_error,
    case
        when event_type = 'scroll'
            then round(least(greatest(try_cast(coalesce(
                properties ->> '$.depth',
                properties ->> '$.scroll_depth',
                properties ->> '$.percent',
                properties ->> '$.percent_scrolled',
                properties ->> '$.scroll_percent'
            ) as double), 0), 100))::integer
    end as scroll_percent,
    -- Of what the page is made, and what a person chose from, never what was typed: that may lie in
    -- an object or a list, so none is taken.
    left(case
        when event_type in ('click', 'tap', 'change', 'submit')
            then list_filter(
                json_extract(properties, ['$.target', '$.selector']),
                lambda told: json_type(told) = 'VARCHAR'
            )[1] ->> '$'
        when event_type in ('workflow_start', 'workflow_step', 'workflow_complete')
            then concat_ws(
                ', ',
                list_filter(
                    json_extract(properties, ['$.name', '$.workflow', '$.workflow_name']),
                    lambda told: json_type(told) = 'VARCHAR'
                )[1] ->> '$',
                case
                    when json_type(properties, '$.step') in ('VARCHAR', 'UBIGINT', 'BIGINT')
                        then properties ->> '$.step'
                end
            )
        when event_type = 'model_response' and json_type(properties, '$.model') = 'VARCHAR'
            then properties ->> '$.model'
    end, 80) as detail,
    chat_id is not null as is_of_chat
from events_of_session
order by event_number
