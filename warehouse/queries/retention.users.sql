-- Who entered a cohort and was back in a period, or was not. Of a person all ids have a row.
-- grain: user
with

events_back as (
    select
        who,
        event_time,
        case when $clock = '24h' then event_time else event_date::timestamp end as moment
    from every_event
    where
        is_taken
        and $back_holds
        and ($back_from::date is null or event_date >= $back_from::date)
        and event_date <= $back_to::date
        and ($pruned_before::date is null or event_date >= $pruned_before::date)
        and ($clock = 'calendar' or event_time <= $as_of::timestamp)
),

returns as (
    select
        members.who,
        min(events_back.event_time) as return_time
    from $members as members
    inner join events_back
        on
            members.who = events_back.who
            and members.counted_from + $low::int * $step::interval <= events_back.moment
            and (
                $high::int is null
                or members.counted_from + ($high::int + 1) * $step::interval > events_back.moment
            )
    group by members.who
),

-- A person's ids are those that lead to it, whether they have events or not, and its own.
ids as (
    select
        who::varchar as who,
        user_id
    from $members
    where not $is_of_persons
    union
    select
        person_id as who,
        known_as as user_id
    from persons
    where $is_of_persons
    union
    select
        who::varchar as who,
        who::varchar as user_id
    from $members
    where $is_of_persons
)

select
    ids.user_id,
    case when $is_of_persons then members.who::varchar else ids.user_id end as person_id,
    members.entry_time,
    members.session_id,
    returns.return_time
from $members as members
inner join ids on members.who::varchar = ids.who
left join returns on members.who = returns.who
where (returns.who is not null) = $is_active
order by members.entry_time, person_id, ids.user_id
limit $row_limit
offset $row_offset
