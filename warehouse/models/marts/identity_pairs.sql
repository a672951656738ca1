-- Which user ids were seen with which anonymous ids, counted chunk by chunk: a pair may have
-- several rows, to be summed up.
-- scope: events
-- key of visitor: source, anonymous_id
-- grain: one row per chunk, source, anonymous_id and user_id
with

final as (
    select
        source, -- Name of the source that gave both ids.
        anonymous_id, -- The anonymous id.
        user_id, -- The user id of the same events; the anonymous id itself where none was known.
        min(event_time) as first_time, -- First event with both, UTC.
        max(event_time) as last_time, -- Last event with both, UTC.
        count(*) as event_count -- Events with both.
    from lake_events
    where anonymous_id is not null
    group by source, anonymous_id, user_id
)

select * from final
