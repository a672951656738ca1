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
            struct_pack(session_id, session_number, start_date, is_bot),
            (coalesce(response_time, prompt_time), turn_number, coalesce(response_number, 0))
        ) as began_in,
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
        user_id, -- Whose chat it is.
        chat_number, -- With user_id the primary key; 1 is the user's first.
        chat_id, -- As told; null where the session names none, and is one chat by itself.
        began_in.session_id as session_id, -- The session it began in.
        start_time, -- Its first prompt or response, UTC.
        end_time, -- Its last prompt or response, UTC.
        (epoch_us(end_time) - epoch_us(start_time)) / 1000000.0
            as duration_seconds, -- End minus start, with the time between visits.
        model, -- Of its first response that tells one.
        model_group, -- Of its first turn that tells one.
        turn_count, -- Prompts.
        response_count, -- Responses.
        error_count, -- Turns with an error.
        visit_count, -- Sessions with a prompt or response of it.
        is_open, -- One of these may still go on: where the chat ends is not known.
        user_key, -- The small number of user_sessions.
        began_in.session_number as session_number, -- With user_key the session it began in.
        began_in.start_date as start_date, -- Local day of that session's start.
        began_in.is_bot as is_bot -- An event of that session came from a bot.
    from chats_summed
)

select * from final
order by start_time, user_id, chat_number
