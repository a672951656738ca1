-- When somebody did what counts as a return: moments, or days where the calendar is all that
-- matters. Nothing after as-of.
-- grain: who x moment
with

events_back as (
    select
        who,
        event_time,
        event_date
    from $back_events
    where
        is_taken
        and $back_holds
        and ($pruned_before::date is null or event_date >= $pruned_before::date)
)

select
    who,
    event_time as moment
from events_back
where $clock = '24h' and event_time <= $as_of::timestamp
union all
select
    who,
    event_date::timestamp as moment
from events_back
where $clock = 'calendar' and event_date <= $as_of_date::date
group by who, event_date
