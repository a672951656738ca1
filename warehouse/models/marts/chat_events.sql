-- Events of LLM chats: prompts, responses and what was done with these, with what the rest of the
-- session says of a response. Scrolls between two prompts or responses of a chat are one row.
-- scope: session
-- key: session_id
-- key of user: user_id
-- grain: one row per source and event_id
with

sessions_chosen as (
    select distinct session_id
    from session_events
    where
        event_type in ('prompt', 'model_response')
        or chat_id is not null
),

-- Few columns are put in order; all else is looked up afterwards, of the events that stay.
events_chosen as (
    select
        events.session_id,
        events.event_number,
        epoch_us(events.event_time) as time_us,
        events.event_type,
        events.chat_id,
        events.is_action,
        events.is_query,
        events.is_error,
        events.event_type = 'model_response' as is_response,
        list_contains(stg_settings.idle_events, events.event_type) as is_idle,
        case when events.event_type = 'scroll' then values_of_act(events.properties) end
            as scrolled
    from session_events as events
    cross join stg_settings
    where events.session_id in (select session_id from sessions_chosen)
),

-- Where some events say of which chat they are, the others are of the last chat that was named.
sessions_looked_along as (
    select
        * replace (last_value(chat_id ignore nulls) over so_far as chat_id),
        min(case when is_action or is_idle then time_us end) over after_it as next_us,
        min(case when is_idle then time_us end) over after_it as next_idle_us,
        max(time_us) over whole as last_us,
        max(case when is_action then event_number end) over whole as last_action_number,
        max(case when is_response then event_number end) over whole as last_response_number,
        bool_or(is_response or event_type = 'prompt') over whole as has_turns
    from events_chosen
    window
        so_far as (partition by session_id order by event_number rows unbounded preceding),
        after_it as (
            partition by session_id order by event_number
            rows between 1 following and unbounded following
        ),
        whole as (
            partition by session_id order by event_number
            rows between unbounded preceding and unbounded following
        )
),

-- Where no chat is named, a search is one of the site.
prompts_told as (
    select
        *,
        not is_response
        and (event_type = 'prompt' or (is_query and chat_id is not null)) as is_prompt
    from sessions_looked_along
    where chat_id is not null or has_turns
),

stretches_numbered as (
    select
        *,
        count(case when is_prompt or is_response then 1 end) over (
            partition by session_id, chat_id order by event_number rows unbounded preceding
        ) as stretch
    from prompts_told
    where
        is_prompt
        or is_response
        or is_error
        or event_type in ('copy', 'select', 'citation_click', 'feedback', 'scroll')
),

scrolls_read as (
    select
        session_id,
        chat_id,
        stretch,
        event_number,
        told_of_act(scrolled) as done
    from stretches_numbered
    where event_type = 'scroll'
),

scrolls_summed as (
    select
        session_id,
        min(event_number) as event_number,
        max(done.scroll_depth) as scroll_depth,
        max(done.visible_seconds) as visible_seconds
    from scrolls_read
    group by session_id, chat_id, stretch
),

events_kept as (
    select
        stretches.*,
        scrolls.scroll_depth,
        scrolls.visible_seconds
    from stretches_numbered as stretches
    left join scrolls_summed as scrolls
        on
            scrolls.session_id = stretches.session_id
            and scrolls.event_number = stretches.event_number
    where stretches.event_type <> 'scroll' or scrolls.event_number is not null
),

values_read as (
    select
        kept.* exclude (scrolled),
        events.source,
        events.event_id,
        events.event_time,
        events.model_group,
        case when kept.is_response then values_of_response(events.properties) end as told,
        case when kept.is_prompt then values_of_prompt(events.properties) end as asked,
        case
            when kept.event_type in ('copy', 'select', 'citation_click', 'feedback')
                then values_of_act(events.properties)
        end as done
    from session_events as events
    inner join events_kept as kept
        on kept.session_id = events.session_id and kept.event_number = events.event_number
),

events_read as (
    select
        * replace (
            case when is_response then told_of_response(told) end as told,
            case when is_prompt then told_of_prompt(asked) end as asked,
            case when done is not null then told_of_act(done) end as done
        )
    from values_read
),

final as (
    select
        events.source, -- Name of the source.
        events.event_id, -- With source the primary key.
        events.session_id, -- The session the event is in.
        sessions.user_id, -- Its user.
        events.chat_id, -- Its chat, else the one named last in the session; null: none was.
        events.event_time, -- UTC.
        events.event_number, -- 1 is the session's first.
        events.event_type, -- prompt or another query, model_response, or what was done.
        events.is_prompt, -- A prompt, or any query in a chat that is named.
        events.is_error or coalesce(events.told.is_error, false)
            as is_error, -- An error, or a response that says it is one.
        sessions.is_open, -- The session may still go on.
        coalesce(events.model_group, sessions.model_group)
            as model_group, -- As told, else the session's.
        events.asked.prompt_type as prompt_type, -- Of a prompt: its kind.
        events.asked.prompt_length as prompt_length, -- Of a prompt: characters.
        events.told.model as model, -- Of a response: as told.
        events.told.provider as provider, -- Of a response: as told.
        events.told.latency_ms as latency_ms, -- Of a response: as told.
        events.told.first_token_ms as first_token_ms, -- Of a response: as told.
        events.told.prompt_tokens as prompt_tokens, -- Of a response: as told.
        events.told.completion_tokens as completion_tokens, -- Of a response: as told.
        events.told.cost as cost, -- Of a response: as told, whatever the currency.
        events.told.response_length
            as response_length, -- Of a response: as told, else characters of its text.
        events.told.citation_count
            as citation_count, -- Of a response: as told, else how many its list has.
        case
            when events.event_type <> 'feedback' then null
            when events.done.opinion in (
                'up', 'thumbs_up', 'thumbsup', 'positive', 'like', 'good', 'helpful', 'upvote',
                '1', '1.0', '+1', 'true'
            ) then 'up'
            when events.done.opinion in (
                'down', 'thumbs_down', 'thumbsdown', 'negative', 'dislike', 'bad', 'unhelpful',
                'not_helpful', 'downvote', '-1', '-1.0', '0', '0.0', 'false'
            ) then 'down'
            else 'neutral'
        end as feedback, -- Of feedback: up, down or neutral.
        events.scroll_depth, -- Of scrolls: the deepest one told.
        coalesce(events.told.visible_seconds, events.done.visible_seconds, events.visible_seconds)
            as visible_seconds, -- How long the response was seen, where that is told.
        case when events.is_response then (events.next_us - events.time_us) / 1000000.0 end
            as read_seconds, -- Of a response: to the session's next action or explicit idle.
        case
            when events.is_response
                then (coalesce(events.next_idle_us, events.last_us) - events.time_us) / 1000000.0
        end as left_seconds, -- Of a response: to an explicit idle, else the session's last event.
        case when events.is_response then events.event_number = events.last_response_number end
            as is_last_response, -- Of a response: the session's last.
        case
            when events.is_response
                then coalesce(events.last_action_number > events.event_number, false)
        end as has_action_after -- Of a response: an action follows in the session.
    from events_read as events
    inner join int_sessions as sessions on sessions.session_id = events.session_id
)

select * from final
