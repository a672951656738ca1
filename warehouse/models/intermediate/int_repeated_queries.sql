-- Sessions in which the same query text came again within repeated_query_time. Case and space do
-- not matter; queries without text are never the same.
-- scope: session
-- grain: one row per session_id that has some
with

queries as (
    select
        session_id,
        event_number,
        event_time,
        properties,
        epoch_us(event_time) - lag(epoch_us(event_time)) over in_a_row as since_the_last_us,
        (lead(epoch_us(event_time)) over in_a_row) - epoch_us(event_time) as until_the_next_us
    from session_events
    where is_query
    window in_a_row as (partition by session_id order by event_number)
),

-- To read a text is dear, and only queries next to another one can repeat it in time.
queries_read as (
    select
        session_id,
        event_number,
        event_time,
        coalesce(
            properties ->> '$.text', properties ->> '$.query', properties ->> '$.prompt',
            -- Of a text that is never stored: the same one has the same pseudonym.
            properties ->> '$.text_hash', properties ->> '$.query_hash',
            properties ->> '$.prompt_hash'
        ) as query_text,
        -- Of a text that was not kept, whether it was repeated is.
        properties ->> '$.not_kept.is_repeated' = 'true' as is_known_as_repeated
    from queries
    cross join stg_settings
    where
        since_the_last_us <= stg_settings.repeated_query_time_us
        or until_the_next_us <= stg_settings.repeated_query_time_us
),

-- Engines differ in what `\s` is, and in these two letters of lower().
queries_worded as (
    select
        session_id,
        event_number,
        event_time,
        nullif(trim(lower(translate(
            regexp_replace(query_text, '[\t\n\f\r ]+', ' ', 'g'), 'İΣ', 'iσ'
        ))), '') as words
    from queries_read
),

compared as (
    select
        session_id,
        epoch_us(event_time) - lag(epoch_us(event_time)) over same_words as since_the_same_us
    from queries_worded
    where words is not null
    window same_words as (partition by session_id, words order by event_number)
),

final as (
    select distinct session_id
    from compared
    cross join stg_settings
    where since_the_same_us <= stg_settings.repeated_query_time_us
    union
    select session_id
    from queries_read
    where is_known_as_repeated
)

select * from final
