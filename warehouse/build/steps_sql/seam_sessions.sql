-- Sessions of a chunk that may have events in another chunk too: those that come as near to one
-- of its ends as the timeout, and those whose tracker's id has events on several days.
-- grain: one row per session_id
select int_session_totals.session_id
from int_session_totals
cross join stg_settings
where
    case
        when int_session_totals.given_session_id is null
            then
                coalesce(
                    int_session_totals.start_time <= $since::timestamp + stg_settings.timeout, false
                )
                or coalesce(
                    int_session_totals.end_time >= $until::timestamp - stg_settings.timeout, false
                )
        else
            int_session_totals.first_source || chr(31) || int_session_totals.given_session_id
            in (select tracker_key from working.seam_tracker_keys)
    end
