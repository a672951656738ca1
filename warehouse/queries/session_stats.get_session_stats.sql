-- The session statistics object's numbers and lists.
-- grain: one row
with

sessions_taken as (
    select *
    from scoped_sessions
    where
        start_time >= $since::timestamp
        and ($until is null or start_time < $until::timestamp)
        and ($user_id is null or user_id = $user_id)
        and ($session_type is null or session_type = $session_type)
),

sessions_summed as (
    select
        count(*) as total_sessions,
        count(*) filter (is_open) as active_sessions,
        count(*) filter (not is_open) as archived_sessions,
        coalesce(sum(query_count), 0)::bigint as total_queries,
        coalesce(avg(timed_seconds), 0.0) as avg_duration_seconds,
        coalesce(avg(query_count), 0.0) as avg_queries_per_session,
        coalesce(avg(abandoned), 0.0) as abandonment_rate
    from sessions_taken
),

-- A list that names a value twice is one session all the same.
values_counted as (
    select
        'asset' as kind,
        unnest(list_distinct(assets)) as value,
        session_id
    from sessions_taken
    union all
    select
        'tag' as kind,
        unnest(list_distinct(tags)) as value,
        session_id
    from sessions_taken
    union all
    select
        'session_type' as kind,
        session_type as value,
        session_id
    from sessions_taken
    union all
    select
        'query_type' as kind,
        session_events.query_type as value,
        session_events.session_id
    from session_events
    inner join sessions_taken on session_events.session_id = sessions_taken.session_id
    -- Both bounds follow from the join; said here, they let blocks be passed over.
    where
        session_events.is_query
        and session_events.event_time >= $since::timestamp
        and ($user_id is null or session_events.user_id = $user_id)
),

values_ranked as (
    select
        kind,
        value,
        count(*) as value_count,
        row_number() over (
            partition by kind order by count(*) desc, value asc
        ) as value_rank
    from values_counted
    where value is not null
    group by kind, value
),

lists_made as (
    select
        kind,
        list({ 'value': value, 'value_count': value_count } order by value_rank) as entries
    from values_ranked
    where
        value_rank <= $top_n
        or kind in ('session_type', 'query_type')
    group by kind
)

select
    sessions_summed.*,
    coalesce((select entries from lists_made where kind = 'asset'), []) as top_assets,
    coalesce((select entries from lists_made where kind = 'tag'), []) as popular_tags,
    coalesce((select entries from lists_made where kind = 'session_type'), [])
        as session_types,
    coalesce((select entries from lists_made where kind = 'query_type'), []) as query_types
from sessions_summed
