-- Queries that came again within repeated_query_time in their session, or did: as
-- int_repeated_queries finds them, in the sessions of the texts that are dropped.
-- grain: one row per source and event_id
with

sessions_chosen as (
    select distinct events.session_id
    from published.session_events as events
    semi join old_texts
        on old_texts.source = events.source and old_texts.event_id = events.event_id
    where events.is_query
),

queries_read as (
    select
        events.source,
        events.event_id,
        events.session_id,
        events.event_number,
        events.event_time,
        coalesce(
            events.properties ->> '$.text', events.properties ->> '$.query',
            events.properties ->> '$.prompt'
        ) as query_text
    from published.session_events as events
    semi join sessions_chosen on sessions_chosen.session_id = events.session_id
    where events.is_query
),

queries_worded as (
    select
        source,
        event_id,
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
        source,
        event_id,
        event_time - lag(event_time) over same_words as since_the_same,
        (lead(event_time) over same_words) - event_time as until_the_same
    from queries_worded
    where words is not null
    window same_words as (partition by session_id, words order by event_number)
)

select
    source,
    event_id
from compared
where
    since_the_same <= $repeated_query_time::interval
    or until_the_same <= $repeated_query_time::interval
