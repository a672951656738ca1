-- Turns of LLM chats: each prompt with each response to it, and what was done with that. A chat
-- goes on over all sessions of its user; a session that names none is one by itself.
-- scope: user
-- key: user_id
-- grain: one row per prompt and response to it; one for a prompt or a response without the other
with

-- Numbers stand for sessions and events until the end: few columns are put in order.
events_placed as (
    select
        sessions.user_key,
        sessions.session_number,
        events.event_number,
        events.event_time,
        -- Among events of one time, as in a session.
        case
            when list_contains(stg_settings.first_events, events.event_type) then 0
            when list_contains(stg_settings.last_events, events.event_type) then 2
            else 1
        end as type_rank,
        events.event_id,
        events.source,
        coalesce(events.chat_id, chr(31) || events.session_id) as chat,
        events.event_type,
        events.is_prompt,
        events.event_type = 'model_response' as is_response,
        events.feedback,
        events.scroll_depth,
        events.visible_seconds,
        events.is_error
    from chat_events as events
    inner join user_sessions as sessions on sessions.session_id = events.session_id
    cross join stg_settings
),

chats_numbered as (
    select
        user_key,
        chat,
        row_number() over (partition by user_key order by min(event_time), chat) as chat_number
    from events_placed
    group by user_key, chat
),

-- A chat goes from prompt to prompt: an act is of the response before it, up to the next prompt.
turns_numbered as materialized (
    select
        events.* exclude (chat),
        chats.chat_number,
        count(*) filter (events.is_prompt) over so_far as turn_number,
        count(*) filter (events.is_response) over so_far as response_number,
        min(events.event_time) filter (events.is_prompt) over after_it as next_prompt_time
    from events_placed as events
    inner join chats_numbered as chats
        on chats.user_key = events.user_key and chats.chat = events.chat
    window
        so_far as (
            partition by events.user_key, chats.chat_number
            order by events.event_time, events.type_rank, events.event_id, events.source
            rows unbounded preceding
        ),
        after_it as (
            partition by events.user_key, chats.chat_number
            order by events.event_time, events.type_rank, events.event_id, events.source
            rows between 1 following and unbounded following
        )
),

acts as (
    select
        user_key,
        chat_number,
        turn_number,
        response_number,
        bool_or(event_type = 'scroll') as is_scrolled,
        max(scroll_depth) as deepest_scroll,
        bool_or(event_type = 'select') as is_selected,
        bool_or(event_type = 'copy') as is_copied,
        bool_or(event_type = 'citation_click') as is_citation_opened,
        max_by(feedback, (event_time, type_rank, event_id, source)) as feedback,
        max(visible_seconds) as visible_seconds,
        bool_or(is_error) as is_error
    from turns_numbered
    where not is_prompt and not is_response
    group by user_key, chat_number, turn_number, response_number
),

prompts as (
    select *
    from turns_numbered
    where is_prompt
),

answered as (
    select
        responses.user_key,
        responses.chat_number,
        responses.turn_number,
        responses.response_number,
        responses.session_number,
        responses.event_number,
        responses.event_time,
        responses.next_prompt_time,
        prompts.session_number as prompt_session_number,
        prompts.event_number as prompt_event_number,
        coalesce(responses.response_number = prompts.response_number + 1, false) as begins_turn
    from turns_numbered as responses
    left join prompts
        on
            prompts.user_key = responses.user_key
            and prompts.chat_number = responses.chat_number
            and prompts.turn_number = responses.turn_number
    where responses.is_response
),

-- What was done after a prompt that has no response is of the prompt.
turns_told as (
    select
        *,
        true as is_answered
    from answered
    union all
    select
        prompts.user_key,
        prompts.chat_number,
        prompts.turn_number,
        prompts.response_number,
        prompts.session_number,
        prompts.event_number,
        prompts.event_time,
        prompts.next_prompt_time,
        prompts.session_number,
        prompts.event_number,
        true,
        false
    from prompts
    anti join answered
        on
            answered.user_key = prompts.user_key
            and answered.chat_number = prompts.chat_number
            and answered.turn_number = prompts.turn_number
),

visits_begun as (
    select
        *,
        row_number() over (
            partition by user_key, session_number order by event_number
        ) = 1 as begins_visit,
        row_number() over (
            partition by user_key, session_number, chat_number order by event_number
        ) = 1 as begins_chat_in_visit
    from turns_told
),

events_found as (
    select
        events.*,
        sessions.user_key,
        sessions.session_number,
        sessions.start_date,
        sessions.is_bot
    from chat_events as events
    inner join user_sessions as sessions on sessions.session_id = events.session_id
    where events.is_prompt or events.event_type = 'model_response'
),

prompts_found as (
    select
        user_key,
        session_number,
        event_number,
        session_id,
        event_time,
        source,
        event_id,
        prompt_type,
        prompt_length
    from events_found
    where is_prompt
),

acts_joined as (
    select
        turns.*,
        events.* exclude (
            user_key, session_number, event_number, event_time, prompt_type, prompt_length,
            visible_seconds, is_error, scroll_depth, feedback
        ),
        prompts.session_id as prompt_session_id,
        prompts.event_time as prompt_time,
        prompts.source as prompt_source,
        prompts.event_id as prompt_event_id,
        prompts.prompt_type,
        prompts.prompt_length,
        coalesce(acts.is_scrolled, false) as is_scrolled,
        acts.deepest_scroll,
        coalesce(acts.is_selected, false) as is_selected,
        coalesce(acts.is_copied, false) as is_copied,
        coalesce(acts.is_citation_opened, false) as is_citation_opened,
        acts.feedback,
        greatest(events.visible_seconds, acts.visible_seconds) as visible_seconds,
        events.is_error or coalesce(acts.is_error, false) as is_error
    from visits_begun as turns
    inner join events_found as events
        on
            events.user_key = turns.user_key
            and events.session_number = turns.session_number
            and events.event_number = turns.event_number
    left join prompts_found as prompts
        on
            prompts.user_key = turns.user_key
            and prompts.session_number = turns.prompt_session_number
            and prompts.event_number = turns.prompt_event_number
    left join acts
        on
            acts.user_key = turns.user_key
            and acts.chat_number = turns.chat_number
            and acts.turn_number = turns.turn_number
            and acts.response_number = turns.response_number
),

-- A visit ends on its last response, unless something comes of that in a later one.
judged as (
    select
        *,
        coalesce(
            not is_copied
            and not is_selected
            and next_prompt_time - event_time <= interval 20 seconds,
            false
        ) as is_rephrased,
        is_last_response
        and not has_action_after
        and not is_copied
        and not is_selected
        and not is_citation_opened
        and feedback is null as ends_visit
    from acts_joined
),

final as (
    select
        case when is_answered then event_id end
            as response_event_id, -- Its event; null where no response came.
        session_id, -- The session of the response, else of the prompt.
        user_id, -- Whose chat it is.
        chat_id, -- The chat; null where the session names none, and is one by itself.
        turn_number, -- Prompts of the chat up to here; 0 before the first.
        prompt_time, -- UTC; null without a prompt before the response.
        case when is_answered then event_time end as response_time, -- UTC.
        model, -- As the response tells it.
        provider, -- As the response tells it.
        model_group, -- As the event tells it, else the session's.
        case
            when is_answered
                then coalesce(
                    latency_ms,
                    case
                        when prompt_session_id = session_id
                            then (epoch_us(event_time) - epoch_us(prompt_time)) / 1000.0
                    end
                )
        end as latency_ms, -- As told, else since the prompt of the same session.
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
        case when is_answered then is_selected end as is_selected, -- Some of it was selected.
        case when is_answered then is_copied end as is_copied, -- Some of it was copied.
        case when is_answered then is_citation_opened end
            as is_citation_opened, -- A citation was opened.
        case when is_answered then feedback end as feedback, -- The last: up, down, neutral.
        case when is_answered then is_rephrased end
            as is_rephrased, -- The chat's next prompt came within 20 s; not copied nor selected.
        case when is_answered then (is_copied or is_selected) and feedback is null end
            as is_silent_success, -- Copied or selected, no feedback.
        case
            when not is_answered then null
            when is_rephrased then true
            when ends_visit and is_open then null
            else ends_visit and left_seconds <= 20
        end as is_silent_failure, -- Rephrased, or the visit ended on it within 20 s.
        is_error, -- An error followed it, or it is one; of a prompt: an error came instead.
        is_answered, -- A response came.
        begins_turn, -- The first row of its prompt: prompts are counted by it.
        begins_visit, -- The first row of its session: visits are counted by it.
        begins_chat_in_visit, -- The first row of its chat in its session.
        is_scrolled, -- Somebody scrolled, up to the chat's next prompt or response.
        left_seconds, -- Until an explicit idle, else the session's last event.
        case when is_answered then response_number end
            as response_number, -- Responses of the chat up to here.
        prompt_length, -- Characters of the prompt.
        prompt_source, -- Name of the prompt's source.
        prompt_event_id, -- With prompt_source the key of its event.
        prompt_session_id, -- The session of the prompt.
        prompt_event_number, -- The place of the prompt in its session.
        case when is_answered then source end as response_source, -- Name of the response's source.
        case when is_answered then event_number end
            as response_event_number, -- The place of the response in its session.
        user_key, -- The small number of user_sessions.
        session_number, -- With user_key tells the session, as in user_sessions.
        chat_number, -- With user_key tells the chat; 1 is the user's first.
        start_date, -- Local day of the session's start.
        is_bot, -- An event of the session came from a bot.
        hour(timezone(stg_settings.time_zone, timezone('UTC', event_time)))::tinyint
            as local_hour, -- Local hour of the response, else of the prompt.
        is_open -- The session may still go on: rates leave it out.
    from judged
    cross join stg_settings
)

select * from final
order by coalesce(response_time, prompt_time), user_id, chat_number, turn_number, response_number
