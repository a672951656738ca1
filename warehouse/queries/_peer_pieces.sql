-- Stretches of a user's events that no rule cuts, with the cuts that each begins with. Every rule
-- puts its sessions together of them, so events are looked at once for all rules.
-- grain: one stretch
with recursive

hits as materialized (
    select * from peer_hits
),

-- Each address is read once, however often it was sent: https://news.test/a is news.test.
hosts as (
    select
        referrer,
        lower(
            regexp_extract(referrer, '(?i)^(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#]+)', 1)
        ) as referrer_host
    from (select distinct new_referrer as referrer from hits where contains(new_referrer, '//'))
),

-- Where a hit says it came from, unless from within: its campaign, else the other site.
arrivals as (
    select
        hits.line,
        hits.position,
        coalesce(
            lag(coalesce(hits.campaign, hosts.referrer_host)) over in_order
            <> coalesce(hits.campaign, hosts.referrer_host),
            true
        ) as is_other
    from hits
    left join hosts
        on
            hosts.referrer = hits.new_referrer
            and hosts.referrer_host <> ''
            and hosts.referrer_host is distinct from lower(hits.page_host)
            and not list_contains($internal_hosts::varchar[], hosts.referrer_host)
    where coalesce(hits.campaign, hosts.referrer_host) is not null
    window in_order as (partition by hits.line order by hits.position)
),

-- A campaign is held against that of the visit: the last one since silence or midnight cut.
visits_begun as (
    select
        line,
        position
    from hits
    where gap_us is null or gap_us >= 1800000000 or is_next_day
),

campaigns_met as (
    select
        hits.line,
        hits.position,
        lower(hits.campaign) as campaign,
        visits_begun.position as begun
    from hits
    asof inner join visits_begun
        on
            hits.line = visits_begun.line
            and hits.position >= visits_begun.position
    where hits.campaign is not null and hits.is_action
),

campaigns as (
    select
        line,
        position,
        coalesce(lag(campaign) over visit <> campaign, true) as is_other
    from campaigns_met
    window visit as (partition by line, begun order by position)
),

-- Runs without silence that go on for longer than a day, and where each further day of them begins:
-- at the first event of more than 24 h after the last such beginning.
lines_ended as (
    select
        line,
        max(position) as last_position,
        max(event_time) as last_time
    from hits
    group by line
),

runs as (
    select
        hits.line,
        hits.position,
        hits.event_time,
        coalesce(lead(hits.position) over in_order - 1, ends.last_position) as last_position,
        coalesce(
            lead(hits.event_time - to_microseconds(hits.gap_us)) over in_order, ends.last_time
        ) as last_time
    from hits
    inner join lines_ended as ends
        on ends.line = hits.line
    where hits.gap_us is null or hits.gap_us > 1800000000
    window in_order as (partition by hits.line order by hits.position)
),

days_begun as (
    select
        line,
        position,
        event_time,
        last_position,
        false as is_further
    from runs
    where last_time > event_time + interval 24 hours
    union all
    select
        hits.line,
        min(hits.position) as position,
        arg_min(hits.event_time, hits.position) as event_time,
        days_begun.last_position,
        true as is_further
    from days_begun
    inner join hits
        on
            hits.line = days_begun.line
            and hits.position > days_begun.position
            and hits.position <= days_begun.last_position
            and hits.event_time > days_begun.event_time + interval 24 hours
    group by hits.line, days_begun.last_position, days_begun.position
),

cuts as (
    select
        line,
        position,
        unnest([
            case when gap_us is null then 'first' end,
            case when gap_us > $timeout_us then 'own_timeout' end,
            case when is_forced then 'forced' end,
            case when gap_us > 1800000000 then 'timeout' end,
            case when gap_us >= 1800000000 then 'timeout_reached' end,
            case when is_next_day then 'midnight' end
        ]) as cut
    from hits
    where
        gap_us is null
        or gap_us > $timeout_us
        or gap_us >= 1800000000
        or is_forced
        or is_next_day
    union all
    select
        line,
        position,
        'source' as cut
    from arrivals
    where is_other
    union all
    select
        line,
        position,
        'campaign' as cut
    from campaigns
    where is_other
    union all
    select
        line,
        position,
        'day_long' as cut
    from days_begun
    where is_further
),

pieces_begun as (
    select
        line,
        position,
        list(cut) filter (cut is not null) as cuts
    from cuts
    group by line, position
)

select
    hits.line,
    any_value(hits.is_bot_hit) as is_bot_hit,
    begun.position,
    any_value(begun.cuts) as cuts,
    max(hits.position) as last_position,
    min(hits.position) filter (hits.is_action) as first_action_position,
    min(hits.event_time) as start_time,
    max(hits.event_time) as end_time,
    min(hits.event_time) filter (hits.is_action) as first_action_time,
    max(hits.event_time) filter (hits.is_action) as last_action_time,
    min(hits.event_date) as start_date,
    min(hits.event_date) filter (hits.is_action) as first_action_date,
    count(*) filter (hits.is_action) as action_count,
    count(*) filter (hits.event_type = 'page_view') as page_view_count,
    count(*) filter (hits.event_type = 'heartbeat') as heartbeat_count,
    count(*) filter (hits.is_query) as query_count,
    count(*) filter (hits.is_error) as error_count
    -- What the conditions ask for: $piece_values
from hits
asof inner join pieces_begun as begun
    on
        hits.line = begun.line
        and hits.position >= begun.position
group by hits.line, begun.position
