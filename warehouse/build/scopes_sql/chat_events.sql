-- Events of chats that are in the scope. A chat or a model that another event of the session told
-- stays as far as one in the scope tells it too.
-- grain: one row per source and event_id
with

chats_told as (
    select distinct
        session_id,
        chat_id
    from scope_events
    where chat_id is not null
)

select
    events.* replace (
        chats_told.chat_id as chat_id,
        coalesce(within.model_group, sessions.model_group) as model_group
    )
from chat_events as events
inner join scope_events as within
    on within.source = events.source and within.event_id = events.event_id
inner join scope_sessions as sessions on sessions.session_id = events.session_id
left join chats_told
    on chats_told.session_id = events.session_id and chats_told.chat_id = events.chat_id
