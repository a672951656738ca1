-- Sessions, with what they count as in averages.
-- The one place where the left-out rules stand: rates leave out sessions that are still open,
-- durations leave out suspects (longer than a day). A left-out value is null here, and averages
-- pass over nulls in the numerator and the denominator alike.
-- scope: day
-- kept as: view
-- grain: one row per session_id
select
    user_sessions.*,
    case when not is_open then is_bounce::int end as bounced,
    case when not is_open then (error_count > 0)::int end as had_error,
    -- Stays null in streams that have no queries.
    case when not is_open then is_abandoned::int end as abandoned,
    case when not is_open then (not has_duration)::int end as had_one_event,
    case when not is_suspect then duration_seconds end as timed_seconds,
    case when not is_suspect then engaged_seconds end as timed_engaged_seconds
from user_sessions
