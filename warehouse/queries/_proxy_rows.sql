-- Rows of the application's tables, each once for itself and once among all: what is known of a
-- user where nothing tracks.
-- grain: one row of a table and activity
select
    user_id,
    event_time,
    is_bot,
    unnest([event_type, $all_activities]) as activity
from session_events
where
    source in (select source from load_runs where format = 'tables')
    and ($include_bots or not is_bot)
