-- The bounce rate as Dwell and as others define it, of the same closed sessions.
-- grain: preset
with

closed_sessions as (
    select
        bounced,
        -- Engaged is what lasted longer than 10 s, or had two page views.
        (duration_seconds <= 10 and page_view_count < 2)::int as bounced_ga4,
        -- One interaction, of whatever kind, and nothing after it.
        (action_count <= 1)::int as bounced_plausible,
        -- One page view, and no other interaction.
        (page_view_count = 1 and action_count <= 1)::int as bounced_matomo,
        -- One page view, nothing clicked, less than 10 s; of sessions that saw a page.
        case
            when page_view_count > 0
                then (
                    page_view_count < 2
                    and action_count <= page_view_count
                    and duration_seconds < 10
                )::int
        end as bounced_posthog
    from filtered_sessions
    where not is_open
)

select
    presets.preset,
    rates.bounce_rate,
    rates.session_count
from (
    values ('dwell', 1), ('ga4', 2), ('plausible', 3), ('matomo', 4), ('posthog', 5)
) as presets (preset, place)
cross join (
    select
        [
            avg(bounced), avg(bounced_ga4), avg(bounced_plausible), avg(bounced_matomo),
            avg(bounced_posthog)
        ] as all_rates,
        [
            count(bounced), count(bounced_ga4), count(bounced_plausible), count(bounced_matomo),
            count(bounced_posthog)
        ] as all_counts
    from closed_sessions
) as found
cross join lateral (
    select
        found.all_rates[presets.place] as bounce_rate,
        found.all_counts[presets.place] as session_count
) as rates
order by presets.place
