-- Turns of the chats in a session: each prompt with the response to it, and what was done with it;
-- all or one page of them. What of a turn lies in another visit is not told here.
-- grain: one prompt, or one response without a prompt before it
with

turns_here as (
    select
        turns.*,
        coalesce(turns.prompt_session_id = $session_id::varchar, false) as is_asked_here,
        turns.is_answered and turns.session_id = $session_id::varchar as is_answered_here
    from chat_turns as turns
    where
        turns.session_id = $session_id::varchar
        or turns.prompt_session_id = $session_id::varchar
),

texts as (
    select
        events.event_number,
        $prompt_words as prompt_words,
        $response_words as response_words
    from events_of_session as events
    where $show_texts
)

select
    turns.chat_id,
    turns.turn_number,
    case when turns.is_asked_here then turns.prompt_event_number end as prompt_event_number,
    case when turns.is_answered_here then turns.response_event_number end
        as response_event_number,
    case when turns.is_asked_here then turns.prompt_time end as prompt_time,
    case when turns.is_answered_here then turns.response_time end as response_time,
    case when turns.is_asked_here then turns.prompt_type end as prompt_type,
    case when turns.is_asked_here then turns.prompt_length end as prompt_length,
    case when turns.is_answered_here then turns.latency_ms end as latency_ms,
    case when turns.is_answered_here then turns.model end as model,
    case when turns.is_answered_here then turns.provider end as provider,
    case when turns.is_answered_here then turns.response_length end as response_length,
    turns.is_error,
    case when turns.is_answered_here then turns.is_copied end as is_copied,
    case when turns.is_answered_here then turns.is_selected end as is_selected,
    case when turns.is_answered_here then turns.is_citation_opened end as is_citation_opened,
    case when turns.is_answered_here then turns.feedback end as feedback,
    case when turns.is_answered_here then turns.is_rephrased end as is_rephrased,
    case when turns.is_asked_here then prompts.prompt_words end as prompt_text,
    case when turns.is_answered_here then responses.response_words end as response_text
from turns_here as turns
left join texts as prompts on prompts.event_number = turns.prompt_event_number
left join texts as responses on responses.event_number = turns.response_event_number
order by
    coalesce(
        case when turns.is_asked_here then turns.prompt_event_number end,
        turns.response_event_number
    ),
    turns.response_event_number
limit $row_limit::bigint
offset $row_offset
