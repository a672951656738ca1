-- Ids that were seen as one, and stay two users since each of them logs in by itself too: as a
-- person, the anonymous one is nobody else's.
-- grain: one pair of ids of a source
select
    source,
    anonymous_id,
    user_id,
    min(valid_from) as first_time,
    max(last_event_time) as last_time,
    sum(event_count)::bigint as event_count,
    count(*) as interval_count
from identities
where
    anonymous_id <> user_id
    and anonymous_id in (select users.user_id from users where not users.is_anonymous)
group by source, anonymous_id, user_id
order by event_count desc, source asc, anonymous_id asc, user_id asc
