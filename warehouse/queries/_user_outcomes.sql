-- What became of the turns of each user, by what they are broken down by, and apart of sessions that
-- are still open: what comes of their responses is not known yet.
-- grain: one value, user, and whether the session is open
select
    $turn_value as turn_value,
    user_key,
    is_open,
    count(*) as asked,
    count(*) filter (is_answered) as answered,
    count(*) filter (is_error) as failed,
    count(*) filter (not is_answered and is_error) as refused,
    count(*) filter (
        is_answered
        and (
            read_seconds is not null
            or is_scrolled
            or is_selected
            or is_copied
            or is_citation_opened
            or feedback is not null
        )
    ) as was_read,
    count(*) filter (
        is_answered and (is_scrolled or is_selected or is_copied or is_citation_opened)
    ) as engaged,
    count(*) filter (is_selected or is_copied or is_citation_opened) as used,
    count(*) filter (is_copied) as copied,
    count(*) filter (is_selected) as selected,
    count(*) filter (is_citation_opened) as cited,
    count(*) filter (feedback = 'up') as liked,
    count(*) filter (feedback = 'down') as disliked,
    count(*) filter (feedback = 'neutral') as neutral,
    count(feedback) as judged,
    count(*) filter (feedback in ('up', 'down')) as decided,
    count(*) filter (is_rephrased) as rephrased,
    count(*) filter (is_silent_success) as silent_success,
    count(*) filter (is_silent_failure) as silent_failure
from filtered_turns
group by all
