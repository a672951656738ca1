-- Sessions of one user, with the columns of user_sessions, newest first or in the chosen order.
-- grain: one session
with

-- $sort_key is bound like any value: one of the two keys is null for every session.
keyed_sessions as (
    select
        session_id,
        start_time,
        session_number,
        case $sort_key
            when 'start_time' then epoch_us(start_time)::double
            when 'duration_seconds' then duration_seconds
            when 'action_count' then action_count::double
            when 'error_count' then error_count::double
        end as number_key,
        case $sort_key
            when 'session_type' then session_type
            when 'exit_reason' then exit_reason
        end as text_key
    from filtered_sessions
    where
        $of_user
        and ($event is null or list_contains(event_path, $event))
        and ($session_id is null or session_id = $session_id)
),

sessions_chosen as (
    select
        session_id,
        row_number() over () as place
    from (
        select *
        from keyed_sessions
        order by
            $by_keys,
            start_time desc,
            session_number desc,
            session_id asc
        limit $row_limit offset $row_offset
    )
)

select user_sessions.*
from user_sessions
inner join sessions_chosen on sessions_chosen.session_id = user_sessions.session_id
where $of_user
order by sessions_chosen.place
