-- The same as kept_paths and cut_paths, of the events themselves: of builds that do not keep paths,
-- and from starts that are no node themselves. Such a start is a node of its own, named $start.
-- grain: one session
with

nodes_told as (
    select
        session_id,
        event_number,
        $start_holds as is_start,
        case
            when $of = 'event_type' then event_type
            when event_type = 'page_view' then page
        end as own_node
    from session_events
    where session_id in (select session_id from filtered_sessions)
),

nodes_placed as (
    select
        *,
        case when is_start then coalesce(own_node, $start::varchar) else own_node end as node,
        case
            when $start::varchar is null then event_number
            when $direction = 'backward'
                then max(event_number) filter (is_start) over (partition by session_id)
            else min(event_number) filter (is_start) over (partition by session_id)
        end as start_number
    from nodes_told
    where own_node is not null or ($start::varchar is not null and is_start)
),

-- Of starts that are no steps, the one that is started from is one; others are not.
nodes_on_the_way as (
    select
        session_id,
        event_number,
        if(event_number = start_number, node, own_node) as node
    from nodes_placed
    where
        (own_node is not null or event_number = start_number)
        and if($direction = 'backward', event_number <= start_number, event_number >= start_number)
),

repeats_collapsed as (
    select *
    from nodes_on_the_way
    qualify node is distinct from lag(node) over (partition by session_id order by event_number)
),

paths_listed as (
    select
        session_id,
        list(node order by event_number) as path
    from repeats_collapsed
    group by session_id
)

select
    filtered_sessions.session_id,
    filtered_sessions.user_id,
    filtered_sessions.user_key,
    filtered_sessions.start_time,
    paths_listed.path
from filtered_sessions
inner join paths_listed on paths_listed.session_id = filtered_sessions.session_id
