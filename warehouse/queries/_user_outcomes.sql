-- What became of the turns of each user, by what they are broken down by. Sessions that are still
-- open are in the first two counts alone: what comes of their responses is not known yet.
-- grain: one value and user
select
    $turn_value as turn_value,
    user_key,
    count(*) as turns,
    count(*) filter (is_answered) as responses,
    count(*) filter (not is_open) as asked,
    count(*) filter (not is_open and is_answered) as answered,
    count(*) filter (not is_open and is_error) as failed,
    count(*) filter (
        not is_open
        and is_answered
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
        not is_open
        and is_answered
        and (is_scrolled or is_selected or is_copied or is_citation_opened)
    ) as engaged,
    count(*) filter (not is_open and (is_selected or is_copied or is_citation_opened)) as used,
    count(*) filter (not is_open and is_copied) as copied,
    count(*) filter (not is_open and is_selected) as selected,
    count(*) filter (not is_open and is_citation_opened) as cited,
    count(*) filter (not is_open and feedback = 'up') as liked,
    count(*) filter (not is_open and feedback = 'down') as disliked,
    count(*) filter (not is_open and feedback = 'neutral') as neutral,
    count(*) filter (not is_open and feedback is not null) as judged,
    count(*) filter (not is_open and feedback in ('up', 'down')) as decided,
    count(*) filter (not is_open and is_rephrased) as rephrased,
    count(*) filter (not is_open and is_silent_success) as silent_success,
    count(*) filter (not is_open and is_silent_failure) as silent_failure
from filtered_turns
group by all
