-- Sessions in which the same query text came again within 20 s. Case and space do not matter;
-- queries without text are never the same.
-- grain: one row per session_id that has some
with

queries_worded as (
    select
        session_id,
        event_number,
        event_time,
        nullif(trim(lower(regexp_replace(
            coalesce(
                properties ->> '$.text', properties ->> '$.query', properties ->> '$.prompt'
            ),
            '\s+', ' ', 'g'
        ))), '') as words
    from int_sessionised_events
    where is_query
),

compared as (
    select
        session_id,
        event_time - lag(event_time) over same_words as since_the_same
    from queries_worded
    where words is not null
    window same_words as (partition by session_id, words order by event_number)
),

final as (
    select distinct session_id
    from compared
    where since_the_same <= interval 20 second
)

select * from final
