-- Events that may hold texts and are older than their source keeps them, of what was not looked at
-- before, with the lengths that are computed of the texts.
-- grain: one row per source and event_id
select
    events.source,
    events.event_id,
    events.filename,
    events.properties,
    length($prompt_words) as prompt_length,
    length($response_words) as response_length
from lake_texts as events
inner join text_limits as limits on limits.source = events.source
where
    events.event_time < limits.before_time
    and (
        limits.known_time is null
        or events.event_time >= limits.known_time
        or events.batch_number > $known_batch
        or events.batch_number is null
    )
    and regexp_matches(events.properties, $may_hold)
