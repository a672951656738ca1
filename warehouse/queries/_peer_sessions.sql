-- Sessions as the rules of $rules make them, before any filter. A rule names the cuts that begin
-- one. Where only an action does, passive events keep it alive and are none by themselves.
-- grain: one session of a rule
with

rules as (
    select unnest($rules::struct(
        rule varchar,
        cuts varchar[],
        takes_bots boolean,
        needs_action boolean,
        ends_with_action boolean,
        added_seconds bigint
    )[], recursive := true)
),

islands as (
    select
        rules.* exclude (cuts),
        pieces.*,
        sum(list_has_any(pieces.cuts, rules.cuts)::int) over (
            partition by rules.rule, pieces.line
            order by pieces.position
            rows unbounded preceding
        ) as island
    from peer_pieces as pieces
    inner join rules on rules.takes_bots or not pieces.is_bot_hit
),

put_together as (
    select
        rule,
        any_value(added_seconds) as added_seconds,
        case
            when any_value(ends_with_action) then sum(action_count)::bigint
            when any_value(needs_action) then max(last_position) - min(first_action_position) + 1
            else max(last_position) - min(position) + 1
        end as event_count,
        if(any_value(needs_action), min(first_action_time), min(start_time)) as start_time,
        if(any_value(ends_with_action), max(last_action_time), max(end_time)) as end_time,
        if(any_value(needs_action), min(first_action_date), min(start_date)) as start_date,
        sum(action_count)::bigint as action_count,
        sum(page_view_count)::bigint as page_view_count,
        sum(heartbeat_count)::bigint as heartbeat_count,
        sum(query_count)::bigint as query_count,
        sum(error_count)::bigint as error_count
        -- What the conditions ask for: $session_values
    from islands
    group by rule, line, island
    having not any_value(needs_action) or sum(action_count) > 0
)

select
    *,
    (epoch_us(end_time) - epoch_us(start_time)) / 1e6
    + if(event_count > 1, added_seconds, 0) as duration_seconds,
    hour(timezone($time_zone, timezone('UTC', start_time)))::bigint as hour,
    isodow(start_date) as weekday
from put_together
