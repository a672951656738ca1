-- Events of added lines that were not there before: neither in the build, nor in the tail so far.
-- Of those that have one id the first line stays.
-- grain: one row per source and event_id
select added.* exclude (line)
from working.added_events as added
anti join working.events as known
    on known.source = added.source and known.event_id = added.event_id
anti join working.fresh_events as waiting
    on waiting.source = added.source and waiting.event_id = added.event_id
anti join known_events as built
    on built.source = added.source and built.event_id = added.event_id
qualify row_number() over (partition by added.source, added.event_id order by added.line) = 1
