-- Chats: when they were, how long they went on, and in how many visits.
-- scope: user
-- key: user_id
-- grain: one row per user_id and chat_number
with

chats_summed as (
    select
        user_id,
        chat_number,
        any_value(user_key) as user_key,
        any_value(chat_id) as chat_id,
        min(coalesce(prompt_time, response_time)) as start_time,
        max(coalesce(response_time, prompt_time)) as end_time,
        arg_min(
            coalesce(prompt_session_id, session_id),
            (coalesce(prompt_time, response_time), turn_number, coalesce(response_number, 0))
        ) as session_id,
        arg_min(
            model_group, (coalesce(response_time, prompt_time), turn_number, response_number)
        ) as model_group,
        arg_min(model, (response_time, turn_number, response_number)) as model,
        max(turn_number) as turn_count,
        count(response_event_id) as response_count,
        count(*) filter (is_error) as error_count,
        len(list_distinct(list(session_id) || list(prompt_session_id))) as visit_count,
        bool_or(is_open) as is_open
    from chat_turns
    group by user_id, chat_number
),

final as (
    select
        chats.user_id, -- Whose chat it is.
        chats.chat_number, -- With user_id the primary key; 1 is the user's first.
        chats.chat_id, -- As told; null where the session names none, and is one chat by itself.
        chats.session_id, -- The session it began in.
        chats.start_time, -- Its first prompt or response, UTC.
        chats.end_time, -- Its last prompt or response, UTC.
        (epoch_us(chats.end_time) - epoch_us(chats.start_time)) / 1000000.0
            as duration_seconds, -- End minus start, with the time between visits.
        chats.model, -- Of its first response that tells one.
        chats.model_group, -- Of its first turn that tells one.
        chats.turn_count, -- Prompts.
        chats.response_count, -- Responses.
        chats.error_count, -- Turns with an error.
        chats.visit_count, -- Sessions with a prompt or response of it.
        chats.is_open, -- One of these may still go on: where the chat ends is not known.
        chats.user_key, -- The small number of user_sessions.
        sessions.session_number, -- With user_key the session it began in.
        sessions.start_date, -- Local day of that session's start.
        sessions.is_bot -- An event of that session came from a bot.
    from chats_summed as chats
    inner join user_sessions as sessions on sessions.session_id = chats.session_id
)

select * from final
order by start_time, user_id, chat_number
