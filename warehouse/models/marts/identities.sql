-- Which known user an anonymous id belonged to, from when to when: by the events that carry both.
-- An id that two users used in turn has an interval for each; nothing makes them one user.
-- scope: visitor
-- key: source, anonymous_id
-- grain: one row per source, anonymous_id and interval_number
with

pairs_summed as (
    select
        source,
        anonymous_id,
        user_id,
        user_id <> anonymous_id as is_known,
        min(first_time) as first_time,
        max(last_time) as last_time,
        sum(event_count)::bigint as event_count
    from identity_pairs
    group by source, anonymous_id, user_id
),

visitors as (
    select
        source,
        anonymous_id,
        min(first_time) as first_time,
        count(*) filter (is_known) as user_count
    from pairs_summed
    group by source, anonymous_id
    having bool_or(is_known)
),

-- Few ids are shared, so only their events are put in order. Files say where there are no ids.
users_followed as (
    select
        lake_events.source,
        lake_events.anonymous_id,
        lake_events.user_id,
        lake_events.event_time,
        lake_events.event_id,
        coalesce(lag(lake_events.user_id) over timeline <> lake_events.user_id, true) as is_change
    from lake_events
    inner join visitors
        on
            lake_events.source = visitors.source
            and lake_events.anonymous_id = visitors.anonymous_id
            and visitors.user_count > 1
    where
        lake_events.anonymous_id is not null
        and lake_events.user_id <> lake_events.anonymous_id
    window timeline as (
        partition by lake_events.source, lake_events.anonymous_id
        order by lake_events.event_time, lake_events.event_id
    )
),

turns_numbered as (
    select
        *,
        -- A count with a filter would take the square of an id's events.
        (
            sum(is_change::int) over (
                partition by source, anonymous_id
                order by event_time, event_id
                rows between unbounded preceding and current row
            )
        )::bigint as interval_number
    from users_followed
),

turns as (
    select
        source,
        anonymous_id,
        interval_number,
        any_value(user_id) as user_id,
        min(event_time) as first_time,
        max(event_time) as last_time,
        count(*) as event_count
    from turns_numbered
    group by source, anonymous_id, interval_number
    union all
    select
        pairs_summed.source,
        pairs_summed.anonymous_id,
        1 as interval_number,
        pairs_summed.user_id,
        pairs_summed.first_time,
        pairs_summed.last_time,
        pairs_summed.event_count
    from pairs_summed
    inner join visitors
        on
            pairs_summed.source = visitors.source
            and pairs_summed.anonymous_id = visitors.anonymous_id
            and visitors.user_count = 1
    where pairs_summed.is_known
),

final as (
    select
        turns.source, -- Name of the source that gave both ids.
        turns.anonymous_id, -- The anonymous id.
        turns.interval_number, -- 1 is the anonymous id's first.
        turns.user_id, -- The known user it belonged to.
        case
            when turns.interval_number = 1 then visitors.first_time
            else turns.first_time
        end as valid_from, -- Included: the user's first event; at first the anonymous id's own.
        lead(turns.first_time) over (
            partition by turns.source, turns.anonymous_id
            order by turns.interval_number
        ) as valid_to, -- Not included: the next user's first event; null while nobody followed.
        turns.first_time as first_event_time, -- First event of the interval with both ids, UTC.
        turns.last_time as last_event_time, -- Last event of the interval with both ids, UTC.
        turns.event_count, -- Events of the interval with both ids.
        visitors.user_count > 1 as is_shared -- Other users used the anonymous id too.
    from turns
    inner join visitors
        on turns.source = visitors.source and turns.anonymous_id = visitors.anonymous_id
)

select * from final
order by source, anonymous_id, interval_number
