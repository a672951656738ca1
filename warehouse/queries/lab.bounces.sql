-- The bounce rate under other lengths of a bounce, of the same closed sessions.
-- grain: one length
with

closed_sessions as (
    select
        duration_seconds,
        action_count <= $bounce_actions as has_few_actions
    from filtered_sessions
    where not is_open
)

select
    lengths.bounce_seconds,
    avg((sessions.has_few_actions and sessions.duration_seconds < lengths.bounce_seconds)::int)
        as bounce_rate,
    count(sessions.duration_seconds) as session_count
from (select unnest($seconds::double[]) as bounce_seconds) as lengths
left join closed_sessions as sessions on true
group by lengths.bounce_seconds
order by lengths.bounce_seconds
