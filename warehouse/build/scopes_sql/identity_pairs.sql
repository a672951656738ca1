-- Pairs of ids of events in the scope, as far as their user is in it too.
-- grain: one row per chunk, source, anonymous_id and user_id
select pairs.*
from identity_pairs as pairs
semi join scope_events as events
    on events.source = pairs.source and events.anonymous_id = pairs.anonymous_id
semi join scope_sessions as sessions on sessions.user_id = pairs.user_id
