-- Sessions that the filters take and a text is found in, in any case: in the id of the session or
-- of its user, or in its first or last page. An empty text is in all.
-- grain: one session
select *
from filtered_sessions
where
    $search = ''
    or contains(lower(session_id), lower($search))
    or contains(lower(user_id), lower($search))
    or contains(lower(coalesce(entry_page, '')), lower($search))
    or contains(lower(coalesce(exit_page, '')), lower($search))
