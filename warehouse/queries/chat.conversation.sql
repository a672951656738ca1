-- Turns of a chat over all its visits, or of all chats of a visit; what was typed and answered only
-- when it is asked for.
-- grain: one turn, as in chat_turns
with

chats_asked as (
    select distinct
        user_id,
        chat_number
    from chat_turns
    where
        ($user_id::varchar is null or user_id = $user_id::varchar)
        and ($chat_id::varchar is null or chat_id = $chat_id::varchar)
        and (
            $session_id::varchar is null
            or session_id = $session_id::varchar
            or prompt_session_id = $session_id::varchar
        )
),

turns_asked as (
    select turns.*
    from chat_turns as turns
    semi join chats_asked as asked
        on asked.user_id = turns.user_id and asked.chat_number = turns.chat_number
),

events_asked as (
    select
        user_id,
        unnest([prompt_time, response_time]) as event_time,
        unnest([prompt_source, response_source]) as source,
        unnest([prompt_event_id, response_event_id]) as event_id
    from turns_asked
    where $show_texts
),

texts as (
    select
        events.source,
        events.event_id,
        case when events.event_type = 'model_response' then $response_words else $prompt_words end
            as words
    from session_events as events
    semi join events_asked as asked
        on
            asked.user_id = events.user_id
            and timezone($time_zone, timezone('UTC', asked.event_time))::date = events.event_date
            and asked.event_id = events.event_id
            and asked.source = events.source
)

select
    turns.*,
    prompts.words as prompt_text,
    responses.words as response_text
from turns_asked as turns
left join texts as prompts
    on prompts.source = turns.prompt_source and prompts.event_id = turns.prompt_event_id
left join texts as responses
    on
        responses.source = turns.response_source
        and responses.event_id = turns.response_event_id
order by
    coalesce(turns.prompt_time, turns.response_time),
    turns.user_id,
    turns.chat_number,
    turns.turn_number,
    turns.response_number
