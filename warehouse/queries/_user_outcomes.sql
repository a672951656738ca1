-- What became of the turns of each user, by what they are broken down by. Sessions that are still
-- open are in the first two counts alone: what comes of their responses is not known yet. To count
-- by case takes two thirds of what filters take.
-- grain: one value and user
select
    $turn_value as turn_value,
    user_key,
    count(*) as turns,
    count(case when is_answered then 1 end) as responses,
    count(case when not is_open then 1 end) as asked,
    count(case when not is_open and is_answered then 1 end) as answered,
    count(case when not is_open and is_error then 1 end) as failed,
    count(
        case
            when
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
                then 1
        end
    ) as was_read,
    count(
        case
            when
                not is_open
                and is_answered
                and (is_scrolled or is_selected or is_copied or is_citation_opened)
                then 1
        end
    ) as engaged,
    count(
        case when not is_open and (is_selected or is_copied or is_citation_opened) then 1 end
    ) as used,
    count(case when not is_open and is_copied then 1 end) as copied,
    count(case when not is_open and is_selected then 1 end) as selected,
    count(case when not is_open and is_citation_opened then 1 end) as cited,
    count(case when not is_open and feedback = 'up' then 1 end) as liked,
    count(case when not is_open and feedback = 'down' then 1 end) as disliked,
    count(case when not is_open and feedback = 'neutral' then 1 end) as neutral,
    count(case when not is_open and feedback is not null then 1 end) as judged,
    count(case when not is_open and feedback in ('up', 'down') then 1 end) as decided,
    count(case when not is_open and is_rephrased then 1 end) as rephrased,
    count(case when not is_open and is_silent_success then 1 end) as silent_success,
    count(case when not is_open and is_silent_failure then 1 end) as silent_failure
from filtered_turns
group by all
