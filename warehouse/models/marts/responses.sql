-- Responses of LLM chats, with what was done with each. A view of chat_turns.
-- kept as: view
-- grain: one row per response_source and response_event_id
with

final as (
    select
        response_event_id, -- Its event.
        session_id, -- The session it is in.
        user_id, -- Whose chat it is.
        chat_id, -- The chat; null where the session names none, and is one by itself.
        turn_number, -- Prompts of the chat up to here; 0 before the first.
        prompt_time, -- UTC; null without a prompt before the response.
        response_time, -- UTC.
        model, -- As the response tells it.
        provider, -- As the response tells it.
        model_group, -- As the event tells it, else the session's.
        latency_ms, -- As told, else since the prompt of the same session.
        first_token_ms, -- As told: until the first words came.
        prompt_tokens, -- As told.
        completion_tokens, -- As told.
        cost, -- As told, whatever the currency.
        response_length, -- As told, else characters of the text.
        citation_count, -- As told, else how many the list of them has.
        prompt_type, -- The kind of prompt.
        read_seconds, -- Until the session's next action or explicit idle; null without one.
        visible_seconds, -- How long it was seen; null unless the tracker tells.
        deepest_scroll, -- As told, of scrolls up to the chat's next prompt or response.
        is_selected, -- Some of it was selected.
        is_copied, -- Some of it was copied.
        is_citation_opened, -- A citation was opened.
        feedback, -- The last: up, down, neutral.
        is_rephrased, -- The chat's next prompt came within 20 s; not copied nor selected.
        is_silent_success, -- Copied or selected, no feedback.
        is_silent_failure, -- Rephrased, or the visit ended on it within 20 s.
        is_error, -- An error followed it, or it is one.
        begins_turn, -- The first response to its prompt.
        begins_visit, -- The first turn of its session.
        begins_chat_in_visit, -- The first turn of its chat in its session.
        is_scrolled, -- Somebody scrolled, up to the chat's next prompt or response.
        left_seconds, -- Until an explicit idle, else the session's last event.
        response_number, -- Responses of the chat up to here.
        prompt_length, -- Characters of the prompt.
        prompt_source, -- Name of the prompt's source.
        prompt_event_id, -- With prompt_source the key of its event.
        prompt_session_id, -- The session of the prompt.
        prompt_event_number, -- The place of the prompt in its session.
        response_source, -- Name of the response's source.
        response_event_number, -- The place of the response in its session.
        user_key, -- The small number of user_sessions.
        session_number, -- With user_key tells the session, as in user_sessions.
        chat_number, -- With user_key tells the chat; 1 is the user's first.
        start_date, -- Local day of the session's start.
        is_bot, -- An event of the session came from a bot.
        local_hour, -- Local hour it came in.
        is_open -- The session may still go on: rates leave it out.
    from chat_turns
    where is_answered
)

select * from final
