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
    -- Of what the page is made, and what a person chose from, never what was typed.
    left(case
        when event_type in ('click', 'tap', 'change', 'submit')
            then coalesce(properties ->> '$.target', properties ->> '$.selector')
        when event_type in ('workflow_start', 'workflow_step', 'workflow_complete')
            then concat_ws(
                ', ',
                coalesce(
                    properties ->> '$.name',
                    properties ->> '$.workflow',
                    properties ->> '$.workflow_name'
                ),
                properties ->> '$.step'
            )
        when event_type = 'model_response' then properties ->> '$.model'
    end, 80) as detail,
    chat_id is not null as is_of_chat
from events_of_session
order by event_number
