-- Sessions, their mean length and bounces under the rules of peers: cut anew first, filtered then.
-- grain: one rule
with

sessions_judged as (
    select
        rule,
        place,
        start_time,
        duration_seconds,
        case rule
            -- Engaged is what lasted longer than 10 s, or had two page views.
            when 'ga4' then duration_seconds <= 10 and page_view_count < 2
            -- One interaction, of whatever kind, and nothing after it.
            when 'universal_analytics' then action_count <= 1
            when 'plausible' then action_count <= 1
            -- One page view, and no other interaction.
            when 'matomo' then page_view_count = 1 and action_count <= 1
            -- One page view, nothing clicked, less than 10 s; of sessions that saw a page.
            when 'posthog'
                then case
                    when page_view_count > 0
                        then
                            page_view_count < 2
                            and action_count <= page_view_count
                            and duration_seconds < 10
                end
            -- Engaged is what had two page views, or three pings: 5 s and twice 10 s.
            when 'snowplow' then page_view_count < 2 and heartbeat_count < 3
        end as is_bounce
    from peer_taken
)

select
    rule as definition,
    count(start_time) as session_count,
    avg(duration_seconds) as avg_duration_seconds,
    avg(is_bounce::int) as bounce_rate
from sessions_judged
group by rule, place
order by place
