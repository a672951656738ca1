-- Turns of the chats in a session: each prompt with the response to it, and what was done with it;
-- all or one page of them.
-- grain: one prompt, or one response without a prompt before it
with

-- Where some events say of which chat they are, the others are of the last chat that was named; a
-- session without chats is one.
chats_told as (
    select
        *,
        coalesce(last_value(chat_id ignore nulls) over (order by event_number), '') as chat
    from events_of_session
),

acts_told as (
    select
        *,
        -- Where no chat is named, a search is one of the site.
        event_type = 'prompt' or (is_query and chat <> '') as is_prompt,
        event_type = 'model_response' as is_response
    from chats_told
    -- All that a turn is told by.
    where
        is_query
        or is_error
        or event_type in (
            'prompt', 'model_response', 'copy', 'select', 'citation_click', 'feedback'
        )
),

-- A chat goes from prompt to prompt: an act is of the response before it, up to the next prompt.
turns_numbered as materialized (
    select
        *,
        count(*) filter (is_prompt) over in_order as turn,
        count(*) filter (is_response) over in_order as response
    from acts_told
    window in_order as (partition by chat order by event_number rows unbounded preceding)
),

prompts as (
    select
        chat,
        turn,
        event_number,
        event_time,
        coalesce(
            properties ->> '$.text', properties ->> '$.prompt', properties ->> '$.content',
            properties ->> '$.message', properties ->> '$.query'
        ) as words,
        -- A word: in an object there may be what was typed.
        list_filter(
            json_extract(properties, ['$.query_type', '$.prompt_type']),
            lambda told: json_type(told) = 'VARCHAR'
        )[1] ->> '$' as prompt_type
    from turns_numbered
    where is_prompt
),

responses as (
    select
        chat,
        turn,
        response,
        event_number,
        event_time,
        try_cast(
            coalesce(properties ->> '$.latency_ms', properties ->> '$.latency') as double
        ) as latency,
        case when json_type(properties, '$.model') = 'VARCHAR' then properties ->> '$.model' end
            as model,
        case
            when json_type(properties, '$.provider') = 'VARCHAR' then properties ->> '$.provider'
        end as provider,
        coalesce(
            properties ->> '$.text', properties ->> '$.answer', properties ->> '$.content',
            properties ->> '$.response', properties ->> '$.message'
        ) as words,
        coalesce(properties ->> '$.response_length', properties ->> '$.length') as given_length
    from turns_numbered
    where is_response
),

acts as (
    select
        chat,
        turn,
        response,
        bool_or(event_type = 'copy') as is_copied,
        bool_or(event_type = 'select') as is_selected,
        bool_or(event_type = 'citation_click') as is_citation_opened,
        bool_or(is_error) as is_error,
        last(
            lower(coalesce(
                properties ->> '$.value', properties ->> '$.feedback', properties ->> '$.rating'
            ))
            order by event_number
        ) filter (event_type = 'feedback') as feedback
    from turns_numbered
    group by chat, turn, response
),

paired as (
    select
        nullif(coalesce(prompts.chat, responses.chat), '') as chat_id,
        coalesce(prompts.turn, responses.turn) as turn_number,
        prompts.event_number as prompt_event_number,
        responses.event_number as response_event_number,
        prompts.event_time as prompt_time,
        responses.event_time as response_time,
        prompts.prompt_type,
        length(prompts.words) as prompt_length,
        prompts.words as prompt_text,
        coalesce(
            case when isfinite(responses.latency) then responses.latency end,
            date_diff('microsecond', prompts.event_time, responses.event_time) / 1e3
        ) as latency_ms,
        responses.model,
        responses.provider,
        coalesce(try_cast(responses.given_length as bigint), length(responses.words))
            as response_length,
        responses.words as response_text,
        acts.is_copied,
        acts.is_selected,
        acts.is_citation_opened,
        acts.feedback,
        acts.is_error
    from prompts
    full outer join responses
        on responses.chat = prompts.chat and responses.turn = prompts.turn
    left join acts
        on acts.chat = coalesce(prompts.chat, responses.chat)
        and acts.turn = coalesce(prompts.turn, responses.turn)
        and acts.response = coalesce(responses.response, acts.response)
)

select
    paired.* exclude (is_copied, is_selected, is_citation_opened, feedback, prompt_text,
        response_text),
    case when response_time is not null then is_copied end as is_copied,
    case when response_time is not null then is_selected end as is_selected,
    case when response_time is not null then is_citation_opened end as is_citation_opened,
    case
        when response_time is null then null
        when feedback in ('up', 'thumbs_up', 'positive', 'like', '1', 'true', '+1') then 'up'
        when feedback in ('down', 'thumbs_down', 'negative', 'dislike', '-1', '0', 'false')
            then 'down'
        when feedback is not null then 'neutral'
    end as feedback,
    case
        when response_time is not null
            then coalesce(
                not is_copied and not is_selected
                and min(prompt_time) over after_it - response_time <= interval 20 seconds,
                false
            )
    end as is_rephrased,
    case when $show_texts then prompt_text end as prompt_text,
    case when $show_texts then response_text end as response_text
from paired
-- A prompt with several responses has as many rows.
window after_it as (
    partition by chat_id
    order by turn_number
    range between 1 following and unbounded following
)
order by coalesce(prompt_event_number, response_event_number), response_event_number
limit $row_limit::bigint
offset $row_offset
