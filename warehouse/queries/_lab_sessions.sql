-- Sessions as other timeouts cut them, before any filter: pieces put together for each timeout, and
-- all other sessions as they are. Whether one is open goes by the timeout too. The pieces are those
-- that longer timeouts join, or that shorter ones split: $pieces.
-- grain: one session as a timeout has it
with

timeouts as (
    select unnest($timeouts_us::bigint[]) as timeout_us
),

pieces as materialized (
    select * from $pieces
),

islands_told as (
    select
        timeouts.timeout_us,
        pieces.*,
        coalesce(pieces.silence_us <= timeouts.timeout_us, false) as is_within,
        sum((not coalesce(pieces.silence_us <= timeouts.timeout_us, false))::int) over (
            partition by timeouts.timeout_us, pieces.timeline, pieces.is_tracked
            order by pieces.place
            rows unbounded preceding
        ) as island,
        lag(pieces.last_type) over (
            partition by timeouts.timeout_us, pieces.timeline, pieces.is_tracked
            order by pieces.place
        ) as type_before
    from pieces
    cross join timeouts
),

-- The entry is the first piece with a page; where none has one, the first.
put_together as (
    select
        timeout_us,
        any_value(user_id) as user_id,
        any_value(stream) as stream,
        min(start_time) as start_time,
        max(end_time) as end_time,
        min(start_date) as start_date,
        sum(
            engaged_us
            + case
                when
                    is_within
                    and not coalesce(list_contains($idle_events::varchar[], type_before), false)
                    then least(silence_us, $idle_timeout_us)
                else 0
            end
        )::bigint as engaged_us,
        sum(event_count)::bigint as event_count,
        sum(action_count)::bigint as action_count,
        sum(page_view_count)::bigint as page_view_count,
        sum(query_count)::bigint as query_count,
        sum(error_count)::bigint as error_count,
        list_distinct(flatten(list(sources))) as sources,
        arg_min(device_type, place) as device_type,
        arg_min(browser, place) as browser,
        arg_min(os, place) as os,
        arg_min(entry_page, place) as entry_page,
        nullif(
            arg_min(
                coalesce(entry_source, ''), place + if(entry_page is null, 1000000000000, 0)
            ),
            ''
        ) as entry_source,
        nullif(
            arg_min(
                coalesce(referrer_host, ''), place + if(entry_page is null, 1000000000000, 0)
            ),
            ''
        ) as referrer_host,
        arg_min(campaign, place) as campaign,
        arg_max(exit_page, place) as exit_page,
        arg_min(session_type, place) as session_type,
        list_distinct(flatten(list(tags))) as tags,
        list_distinct(flatten(list(assets))) as assets,
        list_distinct(flatten(list(query_types))) as query_types,
        arg_min(experiment_id, place) as experiment_id,
        arg_min(model_group, place) as model_group,
        bool_or(is_new_user) as is_new_user,
        bool_or(is_bot) as is_bot,
        arg_max(last_type, place) as last_type
    from islands_told
    group by timeout_us, timeline, is_tracked, island
),

left_whole as (
    select
        timeouts.timeout_us,
        sessions.user_id,
        sessions.stream,
        sessions.start_time,
        sessions.end_time,
        sessions.start_date,
        sessions.duration_seconds,
        sessions.engaged_seconds,
        sessions.event_count,
        sessions.action_count,
        sessions.page_view_count,
        sessions.query_count,
        sessions.error_count,
        sessions.sources,
        sessions.device_type,
        sessions.browser,
        sessions.os,
        sessions.entry_page,
        sessions.entry_source,
        sessions.referrer_host,
        sessions.campaign,
        sessions.exit_page,
        sessions.session_type,
        sessions.tags,
        sessions.assets,
        sessions.query_types,
        sessions.experiment_id,
        sessions.model_group,
        sessions.is_new_user,
        sessions.is_bot,
        $last_type as last_type
    from user_sessions as sessions
    anti join pieces on pieces.session_id = sessions.session_id
    cross join timeouts
),

cut_anew as (
    select * from left_whole
    union all by name
    select
        * exclude (engaged_us),
        (epoch_us(end_time) - epoch_us(start_time)) / 1e6 as duration_seconds,
        engaged_us / 1e6 as engaged_seconds
    from put_together
)

select
    *,
    hour(timezone($time_zone, timezone('UTC', start_time)))::bigint as hour,
    isodow(start_date) as weekday,
    not coalesce(list_contains($ends::varchar[], last_type), false)
    and not coalesce(stream = 'tracker' and last_type = 'session_end', false)
    and epoch_us($as_of::timestamp) - epoch_us(end_time) <= timeout_us as is_open
from cut_anew
