-- When somebody did what counts as a return: moments, or days where the calendar is all that
-- matters. Nothing after as-of.
-- grain: who x moment
select
    who,
    case when $clock = '24h' then event_time else event_date::timestamp end as moment
from every_event
where
    is_taken
    and $back_holds
    and ($pruned_before::date is null or event_date >= $pruned_before::date)
    and case
        when $clock = '24h' then event_time <= $as_of::timestamp
        else event_date <= $as_of_date::date
    end
group by all
