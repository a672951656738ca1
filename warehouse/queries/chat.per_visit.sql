-- How prompts, chats and visits go together. A visit counts here when it has a turn of a chat.
-- grain: one measure
with

by_chat as (
    select
        count(*) filter (begins_turn) as prompts,
        count(*) filter (begins_chat_in_visit) as visits
    from filtered_turns
    group by user_key, chat_number
),

by_visit as (
    select
        count(*) filter (begins_turn) as prompts,
        count(*) filter (begins_chat_in_visit) as chats
    from filtered_turns
    group by user_key, session_number
),

sizes as (
    select
        1 as place,
        'prompts_per_chat' as measure,
        prompts as size
    from by_chat
    union all
    select
        2,
        'visits_per_chat',
        visits
    from by_chat
    union all
    select
        3,
        'prompts_per_visit',
        prompts
    from by_visit
    union all
    select
        4,
        'chats_per_visit',
        chats
    from by_visit
)

select
    measure,
    count(*) as of_count,
    avg(size) as mean,
    median(size) as median,
    quantile_cont(size, 0.9) as p90,
    max(size)::bigint as most
from sizes
group by place, measure
order by place
