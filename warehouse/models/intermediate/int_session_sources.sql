-- The sources of the sessions that have more than one.
-- scope: session
-- grain: one row per session_id
select
    events.session_id,
    list_sort(list(distinct events.source)) as sources
from session_events as events
semi join int_session_totals as totals
    on totals.session_id = events.session_id and totals.first_source <> totals.last_source
group by events.session_id
