-- Sessions, their mean length and bounces under the rules of peers: cut anew first, filtered then.
-- grain: one rule
with

-- Under the name by which conditions look users up.
taken as (
    select
        rule,
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
    from peer_sessions as dimensioned_sessions
    where
        ($pruned_before::date is null or start_date >= $pruned_before::date)
        and ($first_date::date is null or start_date >= $first_date::date)
        and ($last_date::date is null or start_date <= $last_date::date)
        and $conditions
)

select
    asked.rule as definition,
    count(taken.rule) as session_count,
    avg(taken.duration_seconds) as avg_duration_seconds,
    avg(taken.is_bounce::int) as bounce_rate
from (
    select
        unnest($names::varchar[]) as rule,
        generate_subscripts($names::varchar[], 1) as place
) as asked
left join taken on taken.rule = asked.rule
group by asked.rule, asked.place
order by asked.place
